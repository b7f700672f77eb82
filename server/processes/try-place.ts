import type { NodeId } from '../../config/values/node-id.ts'
import type { RunGrant } from '../../protocol/admin.ts'
import type { Decision } from '../../protocol/decision.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { Log, Now } from '../../protocol/log.ts'
import type { ProcessRecord } from '../../protocol/process.ts'
import type { ProcessLedger } from './ledger.ts'
import {
  type Outcome,
  outcomeOf,
  type PlaceInput,
  type Placer,
  type PlacingNode,
  reasonOf,
} from './placing.ts'
import { makeTicket, type SignTicket } from './ticket.ts'

/** What {@link tryPlace} needs beside the ledger. */
export type TryPlaceOptions = {
  readonly sign: SignTicket
  readonly placer: Pick<Placer, 'place'>
  node(id: NodeId): PlacingNode | undefined
  readonly now: Now
  readonly log: Log
}

/** The answer to a run request. `granted` lacks what only main knows: the CA and the server's own place. */
export type RunAnswer =
  | {
      readonly kind: 'granted'
      readonly grant: Omit<RunGrant, 'caPem' | 'server'>
      readonly decision: Decision
    }
  | RunRefusal

/** Why there is no place; `details` is one line per node or reason. */
export type RunRefusal = {
  readonly kind: 'refused'
  readonly code: ErrorCode
  readonly message: string
  readonly details: readonly string[]
  readonly decision: Decision
}

/** One try: under way to a ticket, or without a place at this moment. */
export type Attempt =
  | { readonly kind: 'placing'; readonly answer: Promise<RunAnswer> }
  | { readonly kind: 'refused'; readonly answer: RunRefusal }

/**
 * Decides about one run. When there is a place its memory counts from the moment this returns, so that the next
 * decision sees it; record and ticket follow in the promise.
 */
export function tryPlace(input: PlaceInput, options: TryPlaceOptions, ledger: ProcessLedger): Attempt {
  const decision = options.placer.place(input)
  const chosen = decision.chosen === null ? undefined : options.node(decision.chosen)
  const outcome = outcomeOf(decision, input, chosen)
  if (outcome.kind === 'placed')
    return { kind: 'placing', answer: grant(outcome, decision, input, options, ledger) }
  const { message, details } = outcome
  return { kind: 'refused', answer: { kind: 'refused', code: 'GW_NO_PLACE', message, details, decision } }
}

async function grant(
  { record, candidate, bootId, address, port }: Extract<Outcome, { kind: 'placed' }>,
  decision: Decision,
  input: PlaceInput,
  options: TryPlaceOptions,
  ledger: ProcessLedger,
): Promise<RunAnswer> {
  const { log, sign, now } = options
  const { memoryBytes, memoryMaxBytes, threads } = candidate.demand
  const { specSha256 } = input.request
  const claims = {
    jti: record.id,
    sub: record.node,
    bootId,
    specSha256,
    memoryBytes,
    memoryMaxBytes,
    threads,
  }
  const stored = ledger.create(record, decision)
  // Signed while the record is brought to the disk; nobody gets it before it is there.
  const ticket = makeTicket(claims, sign, now())
  await stored
  await writeOffIfGone(record, options, ledger) // its node may have gone while that was written
  const reason = reasonOf(decision, candidate)
  log.info({ process: record.id, node: record.node }, `${record.id} is placed on ${reason}`)
  const granted = {
    process: record.id,
    node: { id: record.node, name: record.nodeName, address, port },
    ticket,
    reason,
  }
  return { kind: 'granted', grant: granted, decision }
}

/** Writes a process off whose node is gone or was restarted; else nothing. Rejects with GW_STORE. */
export async function writeOffIfGone(
  record: ProcessRecord,
  { node: nodeOf, now }: Pick<TryPlaceOptions, 'node' | 'now'>,
  ledger: ProcessLedger,
): Promise<void> {
  const node = nodeOf(record.node)
  if (node?.present === true && node.kernelBootId === record.bootId) return
  const isRestarted = node !== undefined && node.kernelBootId !== record.bootId
  const reason = isRestarted ? 'its node was restarted' : `${record.nodeName} was lost`
  await ledger.apply(record.id, { kind: 'lost', reason, atMs: now() }, now())
}
