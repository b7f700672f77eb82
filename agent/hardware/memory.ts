import type * as z from 'zod'
import type { MemoryFacts } from '../../protocol/hardware.ts'
import { numberOf, type RawFields, textOf } from './raw.ts'

/**
 * The memory and its modules. Without SMBIOS systeminformation makes up one module of all memory, without bank or
 * type: that one is left out, it is no fact. Empty slots have size 0 and are left out too.
 */
export function translateMemory(
  totalBytes: number,
  modules: readonly RawFields[],
): z.output<typeof MemoryFacts> {
  const real = modules.filter(module => numberOf(module, 'size') > 0 && !isMadeUp(module))
  return {
    totalBytes,
    modules: real.slice(0, 128).map(module => ({
      sizeBytes: Math.round(numberOf(module, 'size')),
      type: textOf(module, 'type'),
      mhz: numberOf(module, 'clockSpeed'),
      slot: textOf(module, 'bank'),
    })),
  }
}

function isMadeUp(module: RawFields): boolean {
  return textOf(module, 'bank') === '' && textOf(module, 'type') === '' && textOf(module, 'formFactor') === ''
}
