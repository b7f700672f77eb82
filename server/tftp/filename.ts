import type { Refusal } from './packet.ts'
import { ERROR_CODE } from './packet.ts'

/** A relative path as its segments: never empty, no segment is empty, `.`, `..` or holds `/`, `\` or NUL. */
export type TftpPath = readonly string[]

/** Where to look, in this order, or why not at all. */
export type ResolvedFilename = { readonly kind: 'paths'; readonly paths: readonly TftpPath[] } | Refusal

/**
 * Turns the file name of a request into paths below the root. The name is tried as it came, then without the rubbish
 * (0xFF, control characters, blanks) some ROMs append to it (netboot.xyz #1198). `\` is `/` (Windows bootmgr), leading
 * slashes and a drive letter go, percent signs are literal. `..` is refused, never "cleaned": who sends it means it.
 */
export function resolveFilename(filename: Uint8Array): ResolvedFilename {
  const trimmed = filename.subarray(0, trimmedLength(filename))
  const names = [filename, ...(trimmed.length < filename.length ? [trimmed] : [])]
  const candidates = names.filter(name => !hasControl(name)).map(segments)
  if (candidates.some(path => path.includes('..')))
    return { kind: 'refused', code: ERROR_CODE.accessViolation, reason: 'path leaves the root' }
  const paths = candidates.filter(path => path.length > 0)
  if (paths.length > 0) return { kind: 'paths', paths }
  return candidates.length > 0
    ? { kind: 'refused', code: ERROR_CODE.notFound, reason: 'no file named' }
    : { kind: 'refused', code: ERROR_CODE.accessViolation, reason: 'control character in file name' }
}

function trimmedLength(filename: Uint8Array): number {
  return filename.findLastIndex(octet => octet > 0x20 && octet < 0x7f) + 1
}

function hasControl(filename: Uint8Array): boolean {
  return filename.some(octet => octet < 0x20)
}

function segments(filename: Uint8Array): TftpPath {
  return text(filename)
    .replaceAll('\\', '/')
    .replace(/^\/*[a-z]:/i, '')
    .split('/')
    .filter(segment => segment !== '' && segment !== '.')
}

/** UTF-8 where it is valid (overlong forms are not), else one character per octet; neither can make a new `/` or `.`. */
function text(filename: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(filename)
  } catch {
    return String.fromCharCode(...filename)
  }
}
