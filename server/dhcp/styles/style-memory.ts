import * as z from 'zod'
import type { Mac } from '../../../config/values/mac.ts'
import { STYLE_NAMES, type StyleName } from '../../../config/values/style-name.ts'
import type { Log, Now } from '../../../protocol/log.ts'
import type { Store } from '../../store/store.ts'
import { collection } from '../../store/typed.ts'
import type { FirmwareClass } from './firmware-class.ts'

/** What was learnt of one machine's firmware. */
const LearntStyle = z.object({ style: z.enum(STYLE_NAMES), learntAtMs: z.number() })

/** The style that each machine's firmware followed last. */
export type StyleMemory = {
  recall(mac: Mac, firmware: FirmwareClass): StyleName | undefined
  /** Kept at once, written in the background; a write that fails is logged. */
  remember(mac: Mac, firmware: FirmwareClass, style: StyleName): void
  /** Resolves when everything remembered so far is written. */
  idle(): Promise<void>
}

/** Records kept; beyond it the one learnt first goes. */
const MAX_RECORDS = 4096

/** Reads what earlier boots taught, from `boot/style/MAC/FIRMWARE`; rejects with GW_STORE. */
export async function openStyleMemory(store: Store, log: Log, now: Now): Promise<StyleMemory> {
  const records = collection(store, 'boot/style/', LearntStyle)
  const { found } = await records.list()
  const oldestFirst = [...found].sort((one, other) => one.value.learntAtMs - other.value.learntAtMs)
  const styles = new Map(oldestFirst.map(({ id, value }) => [id, value.style]))
  let written = Promise.resolve()

  const write = (change: () => Promise<unknown>) => {
    written = written
      .then(change)
      .then(() => undefined)
      .catch(error => log.warn({ error: String(error) }, 'what a machine taught could not be stored'))
  }

  return memoryOver(
    styles,
    (id, style) => {
      write(() =>
        style === undefined
          ? records.delete(id, 'any')
          : records.put(id, { style, learntAtMs: now() }, 'any'),
      )
    },
    () => written,
  )
}

function memoryOver(
  styles: Map<string, StyleName>,
  write: (id: string, style: StyleName | undefined) => void,
  idle: StyleMemory['idle'],
): StyleMemory {
  return {
    recall: (mac, firmware) => styles.get(idOf(mac, firmware)),
    remember(mac, firmware, style) {
      const id = idOf(mac, firmware)
      if (styles.get(id) === style) return
      styles.delete(id)
      styles.set(id, style)
      write(id, style)
      const oldest = styles.size > MAX_RECORDS ? styles.keys().next().value : undefined
      if (oldest === undefined) return
      styles.delete(oldest)
      write(oldest, undefined)
    },
    idle,
  }
}

/** A memory that lasts as long as the process. */
export function createStyleMemory(): StyleMemory {
  return memoryOver(
    new Map(),
    () => undefined,
    async () => undefined,
  )
}

function idOf(mac: Mac, firmware: FirmwareClass): string {
  return `${mac}/${firmware}`
}
