import type * as z from 'zod'
import type { CpuFacts } from '../../protocol/hardware.ts'
import { numberOf, type RawFields, textOf } from './raw.ts'

/** The processor. `threads` is what the kernel schedules on, from the kernel itself; speeds come in GHz. */
export function translateCpu(cpu: RawFields, threads: number): z.output<typeof CpuFacts> {
  const cores = Math.round(numberOf(cpu, 'physicalCores'))
  return {
    vendor: textOf(cpu, 'vendor') || textOf(cpu, 'manufacturer'),
    model: textOf(cpu, 'brand'),
    // Some hypervisors tell fewer or more cores than threads; neither 0 nor more than the threads can be true.
    cores: Math.max(1, Math.min(cores || threads, threads)),
    threads: Math.max(1, threads),
    mhz: Math.round(1000 * (numberOf(cpu, 'speedMax') || numberOf(cpu, 'speed'))),
    flags: textFlags(cpu['flags']),
  }
}

function textFlags(flags: unknown): string[] {
  const words = typeof flags === 'string' ? flags.split(/\s+/).filter(Boolean) : []
  return words.filter(word => word.length <= 40).slice(0, 512)
}
