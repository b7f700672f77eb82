import { randomBytes } from 'node:crypto'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compileLoad } from '../net/compile.ts'
import { startNoise } from '../net/noise.ts'
import { createRig, type Rig } from '../net/rig.ts'
import { type Sample, turns } from '../net/turns.ts'
import { LOADER_BYTES, type TftpCase } from './cases.ts'
import { loadTftp, tftpFigures } from './client.ts'
import { knowsWindow, type Subject, tftpServer } from './servers.ts'

/** What is to be measured. */
export type TftpComparison = {
  readonly subjects: readonly Subject[]
  readonly runs: number
  readonly cases: readonly TftpCase[]
}

const LOAD_CLIENT = new URL('./tftpload.c', import.meta.url).pathname
/** Before each turn: the server is there, its code compiled, the file in memory. */
const WARM_UP = { parallel: 16, windowSize: 16, rttUs: 0, lossPpm: 0, amount: { seconds: 1 } }

/**
 * Measures all subjects in turn, each with a fresh server in each of its turns. Throws an Error of the program that
 * failed, with its output; `signal` ends everything with an AbortError.
 */
export async function compareTftp(
  comparison: TftpComparison,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<readonly Sample[]> {
  const tftpload = await compileLoad(LOAD_CLIENT)
  const rig = await createRig('gwbt')
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  stopped.catch(() => undefined)
  try {
    const file = await writeLoader(rig.folder)
    const samples: Sample[] = []
    for (const { run, subject } of turns(comparison.subjects, comparison.runs)) {
      signal.throwIfAborted()
      say(`run ${run} of ${comparison.runs}, ${subject}`)
      const cases = comparison.cases.filter(({ windowSize }) => knowsWindow(subject, windowSize))
      const turn = oneTurn({ rig, tftpload, subject, file, cases, say })
      for (const { name, figures } of await Promise.race([turn, stopped]))
        samples.push({ run, subject, case: name, figures })
    }
    return samples
  } finally {
    await rig.close()
  }
}

/** In a folder that a server without privileges may read. */
async function writeLoader(folder: string): Promise<string> {
  const root = join(folder, 'root')
  await chmod(folder, 0o755)
  await mkdir(root, { mode: 0o755 })
  const file = join(root, 'loader.efi')
  await writeFile(file, randomBytes(LOADER_BYTES), { mode: 0o644 })
  return file
}

type Turn = {
  readonly rig: Rig
  readonly tftpload: string
  readonly subject: Subject
  readonly file: string
  readonly cases: readonly TftpCase[]
  readonly say: (line: string) => void
}

async function oneTurn({ rig, tftpload, subject, file, cases, say }: Turn) {
  const server = await rig.serve(await tftpServer(subject, rig, file))
  await loadTftp(rig, tftpload, file, WARM_UP)
  const samples: { readonly name: string; readonly figures: Sample['figures'] }[] = []
  for (const one of cases) {
    const [noise, before] = [await startNoise(), await server.cpuSeconds()]
    const load = await loadTftp(rig, tftpload, file, one)
    const used = (await server.cpuSeconds()) - before
    const figures = tftpFigures(load, LOADER_BYTES, used)
    samples.push({ name: one.name, figures: { ...figures, ...(await noise(used + load.clientCpuSeconds)) } })
    say(
      `  ${one.name}: ${load.megabytesPerSecond.toFixed(1)} MB/s, p50 ${load.p50Ms.toFixed(1)} ms, ` +
        `p99 ${load.p99Ms.toFixed(1)} ms, server CPU ${figures['serverCpuSecondsPerGB']?.toFixed(2)} s/GB`,
    )
  }
  await server.stop()
  return samples
}
