import { type Libc, loadLibc } from '../../server/io/native/libc.ts'

let isPlain = process.env['GODWIT_NATIVE_SEND'] === 'off'

/** What the servers of tests, benchmarks and campaigns send with: as `godwit serve` does, unless told otherwise. */
export function testedLibc(): Libc | undefined {
  return isPlain ? undefined : loadLibc()
}

/** From now on by Node alone, or as before again; gives back what it was. */
export function sendPlainly(isWanted: boolean): boolean {
  const was = isPlain
  isPlain = isWanted
  return was
}
