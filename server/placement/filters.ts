import { formatBytes } from '../../config/values/bytes.ts'
import type { Ask } from './ask.ts'
import type { Slot } from './slot.ts'

/** A reason to leave a node out: whether it stands in the way, and the details of it for people. */
export type Filter = {
  readonly name: string
  readonly blocks: (slot: Slot, ask: Ask) => boolean
  readonly detail: (slot: Slot, ask: Ask) => string
}

/** Digits of a digest that people are shown. */
const DIGITS = 12

function isNotRequested({ node }: Slot, { wanted }: Ask): boolean {
  return wanted !== null && !wanted(node)
}

function isExcluded({ id }: Slot, { excluded }: Ask): boolean {
  return excluded?.includes(id) ?? false
}

function isNotReady({ isReady }: Slot): boolean {
  return !isReady
}

function isDraining(slot: Slot): boolean {
  return slot.isDraining
}

/** A program of one image need not be in another, nor the same there; home's own is what the person sees. */
function isOtherImage({ image }: Slot, { homeImage }: Ask): boolean {
  return homeImage !== null && image !== homeImage
}

function tellImage({ node }: Slot, { homeImage }: Ask): string {
  const runs = node.image === null ? 'an unknown image' : `image ${node.image.slice(0, DIGITS)}`
  return `runs ${runs}, home runs ${homeImage?.slice(0, DIGITS)}`
}

function isKept({ id }: Slot, { kept }: Ask): boolean {
  return kept === id
}

function isReportStale({ reportedAtMs }: Slot, { freshSinceMs }: Ask): boolean {
  return reportedAtMs < freshSinceMs
}

function tellStale({ node }: Slot, { nowMs, rules }: Ask): string {
  if (node.reportedAtMs === null) return 'has not reported yet'
  const ageMs = Math.round(nowMs - node.reportedAtMs)
  return `last report ${ageMs} ms ago, at most ${rules.maxReportAgeMs} ms allowed`
}

function lacksMemory(slot: Slot, ask: Ask): boolean {
  return slot.memoryBytes + ask.memoryBytes > slot.ceilingBytes
}

function tellMemory(slot: Slot, ask: Ask): string {
  const freeBytes = Math.max(0, slot.ceilingBytes - slot.memoryBytes)
  const full = `${formatBytes(slot.memoryBytes)} of ${formatBytes(slot.ceilingBytes)} are taken`
  return `needs ${formatBytes(ask.memoryBytes)}, ${formatBytes(freeBytes)} are free (${full})`
}

/** All filters; the first that speaks up names the reason. Names are stable, scripts read them. */
export const FILTERS: readonly Filter[] = [
  { name: 'not-requested', blocks: isNotRequested, detail: (_, { on }) => `${on} was asked for` },
  { name: 'excluded', blocks: isExcluded, detail: () => 'refused this process before' },
  { name: 'not-ready', blocks: isNotReady, detail: ({ node }) => `is ${node.state}` },
  { name: 'draining', blocks: isDraining, detail: () => 'takes no new processes' },
  { name: 'report-stale', blocks: isReportStale, detail: tellStale },
  { name: 'image', blocks: isOtherImage, detail: tellImage },
  { name: 'kept', blocks: isKept, detail: () => 'is kept for a process that waits longer' },
  { name: 'memory', blocks: lacksMemory, detail: tellMemory },
]

/**
 * Whether any of {@link FILTERS} blocks. Called by name and not through the list: a decision asks it of every node,
 * and calls that the compiler can see through cost a sixth. A test holds the two together.
 */
export function isBlocked(slot: Slot, ask: Ask): boolean {
  return (
    isNotRequested(slot, ask) ||
    isExcluded(slot, ask) ||
    isNotReady(slot) ||
    isDraining(slot) ||
    isReportStale(slot, ask) ||
    isOtherImage(slot, ask) ||
    isKept(slot, ask) ||
    lacksMemory(slot, ask)
  )
}
