import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { compileLoad } from '../net/compile.ts'
import { startNoise } from '../net/noise.ts'
import { createRig, type Rig } from '../net/rig.ts'
import type { Sample } from '../net/turns.ts'
import { turns } from '../net/turns.ts'
import type { Figures } from '../stats.ts'
import { figuresOf, startCrowd } from './clients.ts'
import { dhcpServer, type Subject } from './servers.ts'

/** What is to be measured. */
export type DhcpComparison = {
  readonly subjects: readonly Subject[]
  /** Clients of one case after the other. */
  readonly clients: readonly number[]
  /** Exchanges under way, one closed-loop phase each. */
  readonly underWay: readonly number[]
  readonly runs: number
  readonly secondsPerPhase: number
}

/** Exchanges under way while each client gets its first lease. */
const FILL_UNDER_WAY = 16
const LOAD_CLIENT = new URL('./dhcpload.c', import.meta.url).pathname

/**
 * Measures all subjects in turn; each has a fresh server and empty leases in each of its turns. Throws an Error of
 * the program that failed, with its output; `signal` ends everything with an AbortError.
 */
export async function compareDhcp(
  comparison: DhcpComparison,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<readonly Sample[]> {
  const dhcpload = await compileLoad(LOAD_CLIENT)
  const rig = await createRig('gwbd')
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  stopped.catch(() => {})
  const samples: Sample[] = []
  try {
    for (const clients of comparison.clients)
      for (const { run, subject } of turns(comparison.subjects, comparison.runs)) {
        signal.throwIfAborted()
        say(`run ${run} of ${comparison.runs}, ${clients} clients, ${subject}`)
        const turn = oneTurn({ rig, dhcpload, subject, clients, comparison, say })
        for (const { name, figures } of await Promise.race([turn, stopped]))
          samples.push({ run, subject, case: name, figures })
      }
    return samples
  } finally {
    await rig.close()
  }
}

type Turn = {
  readonly rig: Rig
  readonly dhcpload: string
  readonly subject: Subject
  readonly clients: number
  readonly comparison: DhcpComparison
  readonly say: (line: string) => void
}

/** All phases of one subject: fill, closed loops, and half the rate of the last one as an open loop. */
async function oneTurn({ rig, dhcpload, subject, clients, comparison, say }: Turn) {
  const folder = await mkdtemp(join(rig.folder, `${subject}-`))
  const server = await rig.serve(await dhcpServer(subject, rig, folder))
  const crowd = await startCrowd(rig, dhcpload, clients)
  const samples: { readonly name: string; readonly figures: Sample['figures'] }[] = []
  const measure = async (name: string, phase: string) => {
    const [noise, before, dropped] = [
      await startNoise(),
      await server.cpuSeconds(),
      await server.droppedDatagrams(),
    ]
    const result = await crowd.phase(phase)
    const used = (await server.cpuSeconds()) - before
    const figures = {
      ...figuresOf(result, used),
      droppedByKernel: (await server.droppedDatagrams()) - dropped,
      ...(await noise(used + result.clientCpuSeconds)),
    }
    samples.push({ name: `${name}-${clients}`, figures })
    say(`  ${name}: ${phaseLine(figures)}`)
    return result.doraPerSecond
  }
  let rate = await measure('fill', `fill ${FILL_UNDER_WAY}`)
  for (const count of comparison.underWay)
    rate = await measure(`closed${count}`, `closed ${count} ${comparison.secondsPerPhase}`)
  await measure('half', `open ${Math.max(1, rate / 2)} ${comparison.secondsPerPhase}`)
  await crowd.end()
  await server.stop()
  return samples
}

function phaseLine({ doraPerSecond = 0, p99Ms = 0, noOffer = 0, noAck = 0, droppedByKernel }: Figures) {
  const rate = `${doraPerSecond.toFixed(0)}/s, p99 ${p99Ms.toFixed(2)} ms`
  return `${rate}, asked again ${noOffer + noAck}, dropped by the kernel ${droppedByKernel}`
}
