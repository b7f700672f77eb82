/** The files that are served while TFTP and HTTP are fuzzed; both sides make them. */
const SIZES: Readonly<Record<string, number>> = { k1: 1024, 't.txt': 300, 'big.bin': 40_000 }

/** Names of the files. */
export const FILE_NAMES: readonly string[] = Object.keys(SIZES)

/** The bytes of a file, different in each; `undefined` when there is no such file. */
export function fileBytes(name: string): Uint8Array | undefined {
  const size = Object.hasOwn(SIZES, name) ? SIZES[name] : undefined
  return size === undefined
    ? undefined
    : Uint8Array.from({ length: size }, (_, at) => (at * 31 + size + (at >> 8)) & 255)
}
