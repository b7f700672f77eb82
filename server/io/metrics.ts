import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Counters } from './counters.ts'

/** Figures for Prometheus. Labels are words of our own source: nothing that a client sent becomes one. */
export type Metrics = {
  /** A file or a script went out, or a part of it. */
  sent(protocol: 'http' | 'tftp', sentBytes: number, isWhole: boolean): void
  /** Shows how many of something are in each state; `states` is asked when somebody looks. */
  states(name: string, help: string, states: () => Iterable<string>): void
  /** The text format, at most a second old: looking often costs nothing. */
  text(): Promise<string>
}

/** Reasons shown by name; should there ever be more, the rest is summed as `other`. */
const MAX_REASONS = 500
const MAX_AGE_MS = 1000

/** The figures of this process, its event loop's lag among them, and of `counters`. */
export function createMetrics(counters: Pick<Counters, 'snapshot'>, now: () => number): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  new Counter({
    name: 'godwit_events_total',
    help: 'What was done, refused, dropped or failed, by area and reason, since the start',
    labelNames: ['area', 'reason'],
    registers,
    collect() {
      this.reset()
      const events = Object.entries(counters.snapshot())
      for (const [index, [name, count]] of events.entries()) this.inc(eventLabels(name, index), count)
    },
  })
  const labelNames = ['protocol', 'result'] as const
  const transfers = new Counter({
    ...{ name: 'godwit_transfers_total', help: 'Files sent, whole or in part' },
    ...{ labelNames, registers },
  })
  const bytes = new Counter({
    ...{ name: 'godwit_sent_bytes_total', help: 'Octets of files sent' },
    ...{ labelNames: ['protocol'], registers },
  })
  let latest = { atMs: Number.NEGATIVE_INFINITY, text: Promise.resolve('') }
  return {
    sent(protocol, sentBytes, isWhole) {
      transfers.inc({ protocol, result: isWhole ? 'whole' : 'part' })
      bytes.inc({ protocol }, sentBytes)
    },
    states(name, help, states) {
      new Gauge({
        ...{ name, help, labelNames: ['state'], registers },
        collect() {
          this.reset()
          for (const state of states()) this.inc({ state })
        },
      })
    },
    text() {
      const nowMs = now()
      if (Math.abs(nowMs - latest.atMs) >= MAX_AGE_MS) latest = { atMs: nowMs, text: registry.metrics() }
      return latest.text
    },
  }
}

/** A counter's name is `area: reason` (counters.ts). */
function eventLabels(name: string, index: number): { readonly area: string; readonly reason: string } {
  const end = name.indexOf(': ')
  return { area: name.slice(0, end), reason: index < MAX_REASONS ? name.slice(end + 2) : 'other' }
}
