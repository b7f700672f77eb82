import * as z from 'zod'
import { type BootEvent, STAGES, type StageName } from '../../protocol/boot.ts'
import { BootRecord } from '../../protocol/node.ts'

/** Boots kept per machine, newest last. */
export const BOOTS_KEPT = 10
/** After this silence an early stage is a new boot even if the last one never got far. */
const IDLE_MS = 10 * 60_000

/** One boot as the store keeps it: the public record, its id, when it was last heard of, why it failed. */
export const BootTrack = BootRecord.extend({
  id: z.string(),
  lastAtMs: z.number(),
  failure: z.string().nullable(),
})
export type BootTrack = z.output<typeof BootTrack>

/**
 * The boots of one machine after `event`. A stage of the running boot is added to it (the earliest time of a
 * stage counts, events may arrive in any order); one that only a fresh start can bring begins a new boot.
 */
export function applyBootEvent(boots: readonly BootTrack[], event: BootEvent): readonly BootTrack[] {
  const current = boots.at(-1)
  if (current === undefined || startsNewBoot(current, event))
    return [...boots, addStage(emptyBoot(event.atMs), event)].slice(-BOOTS_KEPT)
  return [...boots.slice(0, -1), addStage(current, event)]
}

/** Whether `boot` reached `stage`. */
export function hasStage(boot: BootTrack, stage: StageName): boolean {
  return boot.stages.some(({ name }) => name === stage)
}

/** The public part of a boot. */
export function bootRecordOf(boot: BootTrack): BootRecord {
  const { startedAt, readyAt, firmware, stages } = boot
  return { startedAt, readyAt, firmware, stages }
}

/** The boots after a stage told by the node itself: it goes to the boot with this id, which may not be the last. */
export function applyStageTo(
  boots: readonly BootTrack[],
  bootId: string,
  event: BootEvent,
): readonly BootTrack[] {
  return boots.map(boot => (boot.id === bootId ? addStage(boot, event) : boot))
}

function startsNewBoot(boot: BootTrack, event: BootEvent): boolean {
  if (!isBefore(event.stage, 'kernel')) return false
  if (event.atMs - boot.lastAtMs > IDLE_MS) return true
  const past = lastStageBefore(event)
  return boot.stages.some(({ name, atMs }) => isBefore(past, name) && boot.startedAt + atMs < event.atMs)
}

/**
 * The furthest stage after which `event` still belongs to the same boot. iPXE asks DHCP again after the ROM did and
 * repeats its script until kernel and initrd are there; a ROM (DHCP's own word in the detail) comes before both.
 */
function lastStageBefore({ stage, detail }: BootEvent): StageName {
  if (!isBefore(stage, 'ipxe')) return 'initrd'
  return detail?.startsWith('rom ') === true ? 'loader' : 'script'
}

function emptyBoot(startedAt: number): BootTrack {
  const id = `b-${startedAt.toString(36)}`
  return { id, startedAt, readyAt: null, firmware: null, stages: [], lastAtMs: startedAt, failure: null }
}

function addStage(boot: BootTrack, event: BootEvent): BootTrack {
  const startedAt = Math.min(boot.startedAt, event.atMs)
  const lastAtMs = Math.max(boot.lastAtMs, event.atMs)
  const dated = boot.stages.map(stage => ({ ...stage, atMs: stage.atMs + boot.startedAt - startedAt }))
  const stages = mergeStage(dated, event, event.atMs - startedAt)
  const ready = stages.find(({ name }) => name === 'ready')
  return {
    ...boot,
    startedAt,
    lastAtMs,
    stages,
    readyAt: ready === undefined ? null : startedAt + ready.atMs,
    firmware: event.firmware ?? boot.firmware,
    failure: failureOf(stages),
  }
}

function mergeStage(
  stages: BootRecord['stages'],
  { stage, detail }: BootEvent,
  atMs: number,
): BootRecord['stages'] {
  const known = stages.find(({ name }) => name === stage)
  if (known !== undefined && known.atMs <= atMs) return stages
  const added = detail === undefined ? { name: stage, atMs } : { name: stage, atMs, detail }
  return [...stages.filter(other => other !== known), added].sort(
    (a, b) => a.atMs - b.atMs || STAGES.indexOf(a.name) - STAGES.indexOf(b.name),
  )
}

/** A boot has failed while `failed` is its last stage: an initrd that tried again and got on has not. */
function failureOf(stages: BootRecord['stages']): string | null {
  const last = stages.at(-1)
  return last?.name === 'failed' ? (last.detail ?? 'the boot failed without a reason') : null
}

function isBefore(stage: StageName, other: StageName): boolean {
  return STAGES.indexOf(stage) < STAGES.indexOf(other)
}
