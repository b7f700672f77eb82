/**
 * What the probe reads, before anybody judges it: systeminformation's answers as they come (it promises types it
 * does not always keep, so every field may be missing) and texts of /sys and /proc.
 */
export type RawHardware = {
  readonly cpu: RawFields
  /** The kernel's own name for the processor and its clock now, as /proc/cpuinfo has them. */
  readonly kernelCpu: { readonly model: string; readonly mhz: number }
  readonly threads: number
  readonly memoryTotalBytes: number
  readonly memoryModules: readonly RawFields[]
  readonly disks: readonly RawFields[]
  readonly blockDevices: readonly RawFields[]
  readonly nics: readonly RawNic[]
  readonly system: RawFields
  readonly baseboard: RawFields
  readonly bios: RawFields
  readonly kernel: string
  readonly efi: boolean
  readonly missingTools: readonly string[]
}

/** Fields by name, nothing known of their types. */
export type RawFields = Readonly<Record<string, unknown>>

/** One folder of /sys/class/net: texts of its files, `undefined` where a file is missing or cannot be read. */
export type RawNic = {
  readonly name: string
  readonly address: string | undefined
  readonly speed: string | undefined
  readonly carrier: string | undefined
  readonly type: string | undefined
  /** Only real devices have `device`; bridges, tunnels and `lo` have none. */
  readonly physical: boolean
  readonly driver: string | undefined
  readonly ip: string | undefined
}

/** Placeholders that firmware vendors leave in SMBIOS instead of a name. */
const MEANINGLESS =
  /^(-|n\/a|none|null|unknown|not specified|not available|default string|to be filled by o\.?e\.?m\.?|system (manufacturer|product name|serial number)|0+)$/i

/** A field as text of at most 256 characters; '' for what is missing or a known placeholder. */
export function textOf(fields: RawFields, name: string): string {
  const value = fields[name]
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
  return MEANINGLESS.test(text) ? '' : text.slice(0, 256)
}

/** A field as a number >= 0; 0 for what is missing, negative or no number. */
export function numberOf(fields: RawFields, name: string): number {
  const value = Number(fields[name])
  return Number.isFinite(value) && value > 0 ? Math.min(value, Number.MAX_SAFE_INTEGER) : 0
}
