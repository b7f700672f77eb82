import * as z from 'zod'

const Text = z.string().max(256)
const Count = z.number().int().nonnegative()

/** Processor of a node. `cores` are physical, `threads` what the kernel schedules on; `mhz` the nominal clock. */
export const CpuFacts = z.object({
  vendor: Text,
  model: Text,
  cores: Count.min(1),
  threads: Count.min(1),
  mhz: z.number().nonnegative(),
  flags: z.array(z.string().max(40)).max(512),
})

/** Memory of a node; `totalBytes` is what the kernel manages, the modules are what SMBIOS tells. */
export const MemoryFacts = z.object({
  totalBytes: Count,
  modules: z
    .array(z.object({ sizeBytes: Count, type: Text, mhz: z.number().nonnegative(), slot: Text }))
    .max(128),
})

/** One disk; a diskless node only reads its size and name, never its content. */
export const DiskFacts = z.object({ name: Text, model: Text, serial: Text, sizeBytes: Count, kind: Text })

/** One wired or wireless interface, with or without an address. */
export const NicFacts = z.object({
  name: Text,
  mac: z.string().max(64),
  driver: Text,
  speedMbps: z.number().nullable(),
  carrier: z.boolean(),
  ip: z.string().max(64).nullable(),
})

/** All a node tells of its hardware. Texts are empty where the machine says nothing; `missingTools` says why. */
export const Hardware = z.object({
  cpu: CpuFacts,
  memory: MemoryFacts,
  disks: z.array(DiskFacts).max(256),
  nics: z.array(NicFacts).max(256),
  board: z.object({ vendor: Text, model: Text, serial: Text }),
  system: z.object({ vendor: Text, model: Text, serial: Text, uuid: Text }),
  firmware: z.object({ kind: z.enum(['bios', 'uefi']), vendor: Text, version: Text, date: Text }),
  kernel: Text,
  missingTools: z.array(Text).max(32),
})
export type Hardware = z.output<typeof Hardware>

/**
 * How fast a node is: loops of a fixed integer-and-memory kernel per second on one thread and on all at once,
 * divided by `REFERENCE_LOOPS_PER_SECOND`, so 1 is one core of the reference machine.
 */
export const Speed = z.object({ single: z.number().positive(), all: z.number().positive() })
export type Speed = z.output<typeof Speed>

/** What a node is doing now. PSI is `some avg10` in percent, `null` where the kernel has no PSI. */
export const Load = z.object({
  atMs: z.number(),
  cpuBusy: z.number().min(0).max(1),
  runnable: Count,
  memoryAvailableBytes: Count,
  memoryTotalBytes: Count,
  psiCpu: z.number().nullable(),
  psiMemory: z.number().nullable(),
  uptimeSeconds: z.number().nonnegative(),
})
export type Load = z.output<typeof Load>
