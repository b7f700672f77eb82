import { createRig, type Rig, type ServerCommand } from '../bench/net/rig.ts'
import { type Growth, growthOf } from './flatness.ts'
import type { Frame } from './frames.ts'
import type { Footprint } from './memory.ts'
import type { SenderAnswer } from './sender.ts'
import { startWitness, type Witness } from './witness.ts'

/** One protocol: how its server and its sender are started in a rig. */
export type Protocol = {
  readonly name: string
  server(rig: Rig): ServerCommand
  /** Command line of the sender; it answers numbers of datagrams, see sender.ts. */
  client(rig: Rig, seed: number): readonly string[]
  /** Addresses that the clients need beside the rig's own. */
  readonly clientAddresses?: readonly string[]
  /** What is wrong with where a datagram of the server goes. */
  readonly destinationFlaw?: (frame: Frame) => string | undefined
}

/** What to send, and how often to look at the server's memory meanwhile. */
export type Campaign = { readonly count: number; readonly seed: number }

/** How a campaign went. */
export type CampaignReport = {
  readonly protocol: string
  readonly seed: number
  readonly sent: number
  readonly seconds: number
  readonly perSecond: number
  /** Valid exchanges between the fuzzed datagrams, and requests of theirs that had to be repeated. */
  readonly validExchanges: number
  readonly repeatedRequests: number
  /** Datagrams that never reached the server because its socket was full. */
  readonly droppedByKernel: number
  /** Datagrams of the server that the witness saw, DHCP only. */
  readonly repliesSeen: number
  readonly footprints: readonly Footprint[]
  readonly growth: readonly Growth[]
  /** Why it failed; empty when it did not. */
  readonly failures: readonly string[]
  /** The last datagrams before the failure, in hex, oldest first. */
  readonly recentHex: readonly string[]
}

/** Looks at memory; at least so many for thirds to mean something, at most so many datagrams apart. */
const LOOKS = 30
const MAX_PER_LOOK = 100_000
const NODE = [process.execPath, '--import', 'tsx']

/** Node's command line for one of our programs in test/fuzz; servers can be told to collect garbage. */
export function nodeProgram(url: URL, ...args: readonly string[]): readonly string[] {
  return [...NODE, '--expose-gc', url.pathname, ...args]
}

/** Runs one campaign. ^C (`signal`) ends it with an AbortError and leaves nothing running. */
export async function runCampaign(
  protocol: Protocol,
  { count, seed }: Campaign,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<CampaignReport> {
  const rig = await createRig('gwfz')
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  stopped.catch(() => {})
  const totals = { sent: 0, validExchanges: 0, repeatedRequests: 0 }
  const footprints: Footprint[] = []
  let witness: Witness | undefined
  let failed: Extract<SenderAnswer, { kind: 'failed' }> | undefined
  try {
    for (const address of protocol.clientAddresses ?? []) rig.addClientAddress(address)
    const server = await rig.serve(protocol.server(rig))
    const sender = rig.client(protocol.client(rig, seed))
    const { destinationFlaw } = protocol
    witness = destinationFlaw === undefined ? undefined : await startWitness(rig, destinationFlaw)
    const look = async () => {
      footprints.push(JSON.parse(await server.program.ask('look')) as Footprint)
    }
    const begunMs = performance.now()
    const work = async () => {
      const perLook = Math.min(MAX_PER_LOOK, Math.max(1, Math.ceil(count / LOOKS)))
      while (totals.sent < count && failed === undefined) {
        const answer = JSON.parse(
          await sender.ask(`${Math.min(perLook, count - totals.sent)}`),
        ) as SenderAnswer
        if (answer.kind === 'failed') failed = answer
        else addTo(totals, answer)
        await look()
        say(progress(totals.sent, count, begunMs, footprints.at(-1)))
        if (footprints.at(-1)?.faults.length || witness?.flaw() !== undefined) break
      }
    }
    await Promise.race([work(), stopped])
    const seconds = (performance.now() - begunMs) / 1000
    const droppedByKernel = await server.droppedDatagrams()
    return reportOf(protocol.name, seed, { totals, seconds, droppedByKernel, footprints, failed, witness })
  } finally {
    await witness?.close()
    await rig.close()
  }
}

type Outcome = {
  readonly totals: {
    readonly sent: number
    readonly validExchanges: number
    readonly repeatedRequests: number
  }
  readonly seconds: number
  readonly droppedByKernel: number
  readonly footprints: readonly Footprint[]
  readonly failed: Extract<SenderAnswer, { kind: 'failed' }> | undefined
  readonly witness: Witness | undefined
}

function reportOf(protocol: string, seed: number, outcome: Outcome): CampaignReport {
  const { totals, seconds, droppedByKernel, footprints, failed, witness } = outcome
  const growth = footprints.length >= 3 ? growthOf(footprints) : []
  const faults = footprints.at(-1)?.faults ?? []
  return {
    ...{ protocol, seed, ...totals, seconds, perSecond: totals.sent / seconds, droppedByKernel },
    ...{ footprints, growth, repliesSeen: witness?.frames() ?? 0 },
    failures: [
      ...(failed === undefined ? [] : [failed.reason]),
      ...[witness?.flaw()].filter(flaw => flaw !== undefined),
      ...faults.map(fault => `the server logged an error: ${fault}`),
      ...growth
        .filter(each => !each.isFlat)
        .map(each => `${each.figure} grew from ${each.middle} to ${each.last}`),
    ],
    recentHex: failed?.recentHex ?? [],
  }
}

function addTo(
  totals: { sent: number; validExchanges: number; repeatedRequests: number },
  answer: Extract<SenderAnswer, { kind: 'done' }>,
): void {
  totals.sent += answer.sent
  totals.validExchanges += answer.exchanges
  totals.repeatedRequests += answer.repeats
}

function progress(sent: number, count: number, begunMs: number, footprint: Footprint | undefined): string {
  const perSecond = sent / ((performance.now() - begunMs) / 1000)
  const mib = (bytes = 0) => `${(bytes / 2 ** 20).toFixed(1)} MiB`
  const memory = `heap ${mib(footprint?.heapBytes)}, RSS ${mib(footprint?.rssBytes)}`
  return `${sent} of ${count}, ${perSecond.toFixed(0)} a second, ${memory}, ${footprint?.openFiles} files open`
}
