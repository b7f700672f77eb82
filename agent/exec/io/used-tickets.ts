import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Now } from '../../../protocol/log.ts'
import type { MarkUsed } from '../ticket.ts'

/** Ids used in one span of time are in one file. */
const SPAN_MS = 600_000
/** Spans remembered before the present one: far longer than any ticket lives, what is older is refused as expired. */
const KEPT_SPANS = 1

/** The ids of one span; the file named by its number has one on each line. */
type Span = { readonly number: number; readonly ids: Set<string> }

/**
 * Remembers used tickets in files in `folder`, in RAM of this boot: an agent that is restarted, or killed, still knows
 * them, and a ticket of another boot is not valid anyway. Throws when the folder cannot be made or read.
 */
export function openUsedTickets(folder: string, now: Now): MarkUsed {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  let spans = readSpans(folder)
  let open: { readonly span: Span; readonly descriptor: number } | undefined

  function present(): { readonly span: Span; readonly descriptor: number } {
    const number = Math.floor(now() / SPAN_MS)
    if (open?.span.number === number) return open
    const span = spans.find(one => one.number === number) ?? { number, ids: new Set() }
    // One after this is of a clock that was set back since: its tickets may still be good.
    const old = spans.filter(one => one.number < number - KEPT_SPANS)
    const next = { span, descriptor: openSync(join(folder, `${number}`), 'a', 0o600) }
    if (open !== undefined) closeSync(open.descriptor)
    for (const one of old) unlinkSync(join(folder, `${one.number}`))
    spans = [span, ...spans.filter(one => one !== span && !old.includes(one))]
    open = next
    return next
  }

  return id => {
    const { span, descriptor } = present()
    if (spans.some(({ ids }) => ids.has(id))) return false
    writeSync(descriptor, `${id}\n`)
    span.ids.add(id)
    return true
  }
}

function readSpans(folder: string): readonly Span[] {
  const names = readdirSync(folder).filter(name => /^\d+$/.test(name))
  return names.map(name => ({
    number: Number(name),
    ids: new Set(readFileSync(join(folder, name), 'latin1').split('\n')),
  }))
}
