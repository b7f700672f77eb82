import type * as z from 'zod'
import type { CpuFacts } from '../../protocol/hardware.ts'
import { numberOf, type RawFields, type RawHardware, textOf } from './raw.ts'

/**
 * The processor. `threads` is what the kernel schedules on, from the kernel itself. So is the name where it has one:
 * systeminformation shortens it until an emulated one is called "Virtual". Its speeds come in GHz, and none for some.
 */
export function translateCpu(
  cpu: RawFields,
  { kernelCpu, threads }: Pick<RawHardware, 'kernelCpu' | 'threads'>,
): z.output<typeof CpuFacts> {
  const cores = Math.round(numberOf(cpu, 'physicalCores'))
  return {
    vendor: textOf(cpu, 'vendor') || textOf(cpu, 'manufacturer'),
    model: tidy(kernelCpu.model) || textOf(cpu, 'brand'),
    // Some hypervisors tell fewer or more cores than threads; neither 0 nor more than the threads can be true.
    cores: Math.max(1, Math.min(cores || threads, threads)),
    threads: Math.max(1, threads),
    mhz: Math.round(1000 * (numberOf(cpu, 'speedMax') || numberOf(cpu, 'speed'))) || kernelCpu.mhz,
    flags: textFlags(cpu['flags']),
  }
}

/** `Intel(R) Core(TM)2 Duo CPU     E8400  @ 3.00GHz` has marks and gaps that only fill a table. */
function tidy(model: string): string {
  return model
    .replace(/\((r|tm)\)/gi, '')
    .replace(/\s+/g, ' ')
    .trim()
}

function textFlags(flags: unknown): string[] {
  const words = typeof flags === 'string' ? flags.split(/\s+/).filter(Boolean) : []
  return words.filter(word => word.length <= 40).slice(0, 512)
}
