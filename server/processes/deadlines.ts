import type { NodeId, ProcessId } from '../../config/values/node-id.ts'
import type { ProcessRecord } from '../../protocol/process.ts'

/** Time from the polite signal to the other one, as long as systemd's and Docker's default stop takes. */
export const GRACE_MS = 10_000

/** How a process is asked to end, then made to. */
export type EndSignal = 'SIGTERM' | 'SIGKILL'

/** The last signal that a process whose time is over was sent. */
export type Sent = ReadonlyMap<ProcessId, EndSignal>

/** A signal to send now. */
export type EndOrder = {
  readonly id: ProcessId
  readonly node: NodeId
  readonly signal: EndSignal
  /** Why, for the record and for people. */
  readonly reason: string
}

/**
 * Who must end now, of the `active` processes that were given a time (`--timeout`): SIGTERM once, and SIGKILL to those
 * that are still there after {@link GRACE_MS}. Time counts from the placement, by the server's own clock.
 */
export function overdue(
  active: readonly ProcessRecord[],
  sent: Sent,
  nowMs: number,
): { readonly sent: Sent; readonly orders: readonly EndOrder[] } {
  const next = new Map<ProcessId, EndSignal>()
  const orders: EndOrder[] = []
  for (const { id, node, placedAtMs, state, timeoutMs } of active) {
    if (timeoutMs === undefined || state !== 'running' || nowMs < placedAtMs + timeoutMs) continue
    const signal = nowMs < placedAtMs + timeoutMs + GRACE_MS ? 'SIGTERM' : 'SIGKILL'
    next.set(id, signal)
    if (sent.get(id) !== signal) orders.push({ id, node, signal, reason: overdueText(timeoutMs) })
  }
  return { sent: next, orders }
}

function overdueText(timeoutMs: number): string {
  return `its --timeout of ${timeoutMs / 1000} s was over`
}
