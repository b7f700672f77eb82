import type { Program } from '../bench/net/program.ts'
import { createRig, type Rig, type ServerCommand } from '../bench/net/rig.ts'
import { type CampaignReport, type Outcome, reportOf } from './campaign-report.ts'
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

/** Looks at memory; at least so many for thirds to mean something, at most so many datagrams apart. */
const LOOKS = 30
const MAX_PER_LOOK = 100_000
const NODE = [process.execPath, '--import', 'tsx']

/** Node's command line for one of our programs in test/fuzz; servers can be told to collect garbage. */
export function nodeProgram(url: URL, ...args: readonly string[]): readonly string[] {
  return [...NODE, '--expose-gc', url.pathname, ...args]
}

/**
 * Runs one campaign; it ends early at the first failure. ^C (`signal`) ends it with an AbortError and leaves nothing
 * running.
 */
export async function runCampaign(
  protocol: Protocol,
  campaign: Campaign,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<CampaignReport> {
  const rig = await createRig('gwfz')
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  stopped.catch(() => {})
  let witness: Witness | undefined
  try {
    for (const address of protocol.clientAddresses ?? []) rig.addClientAddress(address)
    const server = await rig.serve(protocol.server(rig))
    const sender = rig.client(protocol.client(rig, campaign.seed))
    const { destinationFlaw } = protocol
    witness = destinationFlaw === undefined ? undefined : await startWitness(rig, destinationFlaw)
    const begunMs = performance.now()
    const programs = { server: server.program, sender, witness }
    const outcome = await Promise.race([drive(programs, campaign, say), stopped])
    return reportOf(protocol.name, campaign.seed, {
      ...outcome,
      seconds: (performance.now() - begunMs) / 1000,
      droppedByKernel: await server.droppedDatagrams().catch(() => 0), // it has ended
      repliesSeen: witness?.frames() ?? 0,
    })
  } finally {
    await witness?.close()
    await rig.close()
  }
}

type Programs = {
  readonly server: Program
  readonly sender: Program
  readonly witness: Witness | undefined
}

/** Has the sender send and looks at the server, in turns, until all is sent or something fails. */
async function drive(
  { server, sender, witness }: Programs,
  { count }: Campaign,
  say: (line: string) => void,
) {
  const begunMs = performance.now()
  const totals = { sent: 0, validExchanges: 0, repeatedRequests: 0 }
  const footprints: Footprint[] = []
  const failures: string[] = []
  let recentHex: readonly string[] = []
  const perLook = Math.min(MAX_PER_LOOK, Math.max(1, Math.ceil(count / LOOKS)))
  while (totals.sent < count && failures.length === 0) {
    const answer = await sender.ask(`${Math.min(perLook, count - totals.sent)}`).then(asAnswer, gone)
    if (answer.kind === 'failed') {
      failures.push(answer.reason)
      recentHex = answer.recentHex
    } else addTo(totals, answer)
    const footprint = await server.ask('look').then(asFootprint, gone)
    if ('kind' in footprint) failures.push(footprint.reason)
    else {
      footprints.push(footprint)
      failures.push(...footprint.faults.map(fault => `the server logged an error: ${fault}`))
      say(progress(totals.sent, count, begunMs, footprint))
    }
    const flaw = witness?.flaw()
    if (flaw !== undefined) failures.push(flaw)
  }
  return { totals, footprints, failures, recentHex } satisfies Partial<Outcome>
}

const asAnswer = (line: string) => JSON.parse(line) as SenderAnswer
const asFootprint = (line: string) => JSON.parse(line) as Footprint

/** A program that ended by itself, with the end of its output in the reason. */
function gone(error: unknown): Extract<SenderAnswer, { kind: 'failed' }> {
  return { kind: 'failed', reason: String(error), recentHex: [] }
}

function addTo(totals: Outcome['totals'], answer: Extract<SenderAnswer, { kind: 'done' }>): void {
  totals.sent += answer.sent
  totals.validExchanges += answer.exchanges
  totals.repeatedRequests += answer.repeats
}

function progress(sent: number, count: number, begunMs: number, footprint: Footprint): string {
  const perSecond = sent / ((performance.now() - begunMs) / 1000)
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`
  const memory = `heap ${mib(footprint.heapBytes)}, RSS ${mib(footprint.rssBytes)}`
  return `${sent} of ${count}, ${perSecond.toFixed(0)} a second, ${memory}, ${footprint.openFiles} files open`
}
