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
 * Last it is tried without what it begins with of `prefixes`, folders that other servers call their root.
 */
export function resolveFilename(filename: Uint8Array, prefixes: readonly string[] = []): ResolvedFilename {
  const trimmed = filename.subarray(0, trimmedLength(filename))
  const names = [filename, ...(trimmed.length < filename.length ? [trimmed] : [])]
  const candidates = names.filter(name => !hasControl(name)).map(segments)
  if (candidates.some(path => path.includes('..')))
    return { kind: 'refused', code: ERROR_CODE.accessViolation, reason: 'path leaves the root' }
  const paths = candidates.filter(path => path.length > 0)
  if (paths.length > 0) return { kind: 'paths', paths: [...paths, ...withoutPrefixes(paths, prefixes)] }
  return candidates.length > 0
    ? { kind: 'refused', code: ERROR_CODE.notFound, reason: 'no file named' }
    : { kind: 'refused', code: ERROR_CODE.accessViolation, reason: 'control character in file name' }
}

function withoutPrefixes(paths: readonly TftpPath[], prefixes: readonly string[]): readonly TftpPath[] {
  const folders = prefixes.map(prefix => segments(new TextEncoder().encode(prefix)))
  return paths.flatMap(path =>
    folders
      .filter(folder => path.length > folder.length && folder.every((part, index) => part === path[index]))
      .map(folder => path.slice(folder.length)),
  )
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
