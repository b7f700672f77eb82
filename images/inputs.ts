/** A file that goes into a build: `path` with `/`, relative to the folder it was read from. */
export type InputFile = {
  readonly path: string
  readonly bytes: Uint8Array
  readonly executable: boolean
}

/** Everything a build reads besides the recipe and Debian's archive. */
export type ImageInputs = {
  /** The agent, bundled into one CommonJS file. */
  readonly agent: Uint8Array
  /** Node.js for the agent: the program on this machine and its version, e.g. `24.21.0`. */
  readonly runtime: { readonly path: string; readonly version: string; readonly canStrip: boolean }
  /** Files laid over the packages. */
  readonly overlay: readonly InputFile[]
  /** `initramfs.conf`, `hooks/…` and `scripts/…` for initramfs-tools. */
  readonly initramfs: readonly InputFile[]
  /** The shell script that puts packages and files together. */
  readonly assemble: Uint8Array
  /** Java source of the recipe's demo. */
  readonly demo: Uint8Array | undefined
}

/** The lower-case hex SHA-256 of bytes or UTF-8 text; handed in, so that what decides stays pure. */
export type Sha256 = (data: Uint8Array | string) => string
