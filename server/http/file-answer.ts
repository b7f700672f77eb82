import { chooseRange } from './range.ts'

/** What is known of a file before a request for it is answered. */
export type FileFacts = {
  readonly sizeBytes: number
  /** Strong, with its quotes. */
  readonly etag: string
  readonly modifiedMs: number
}

/** How a GET or HEAD for a file is answered; positions are octets, `end` inclusive. */
export type FileAnswer =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  /** 416: the range begins behind the end. */
  | { readonly kind: 'unsatisfiable' }
  /** 304: the client has it. */
  | { readonly kind: 'unchanged' }
  /** 412: the client wants to go on with another file than the one we have. */
  | { readonly kind: 'changed' }

/** The headers that decide, in lower case as Node gives them. */
export type FileHeaders = {
  readonly range?: string | undefined
  readonly 'if-range'?: string | undefined
  readonly 'if-match'?: string | undefined
  readonly 'if-none-match'?: string | undefined
  readonly 'if-modified-since'?: string | undefined
  readonly 'if-unmodified-since'?: string | undefined
}

/**
 * Evaluates the conditions in the order of RFC 9110 §13.2.2. EDK2 since 2024 resumes a broken download with `Range`
 * and `If-Match`, or `If-Unmodified-Since` when it saw no ETag. `Range` means something with GET only (§14.2).
 */
export function answerFile(
  method: string | undefined,
  headers: FileHeaders,
  { sizeBytes, etag, modifiedMs }: FileFacts,
): FileAnswer {
  const mustMatch = headers['if-match']
  if (mustMatch !== undefined) {
    if (!names(mustMatch, etag, false)) return { kind: 'changed' }
  } else if (isNewer(modifiedMs, headers['if-unmodified-since'])) return { kind: 'changed' }
  const known = headers['if-none-match']
  if (known !== undefined) {
    if (names(known, etag, true)) return { kind: 'unchanged' }
  } else if (isNewer(modifiedMs, headers['if-modified-since']) === false) return { kind: 'unchanged' }
  if (method !== 'GET') return { kind: 'whole' }
  const condition = headers['if-range']
  const isSame = condition === undefined || condition === etag || condition === httpDate(modifiedMs)
  return isSame ? chooseRange(headers.range, sizeBytes) : { kind: 'whole' }
}

/** A moment as HTTP writes it, in whole seconds (RFC 9110 §5.6.7). */
export function httpDate(atMs: number): string {
  return new Date(atMs).toUTCString()
}

/** Whether the file is newer than the date in a header; `undefined` for no date or one that is none. */
function isNewer(modifiedMs: number, date: string | undefined): boolean | undefined {
  const thenMs = date === undefined ? Number.NaN : Date.parse(date)
  return Number.isNaN(thenMs) ? undefined : Math.floor(modifiedMs / 1000) * 1000 > thenMs
}

/** Whether a list of ETags has ours; a weak one counts only where weak comparison is meant (§8.8.3.2). */
function names(list: string, etag: string, isWeakEnough: boolean): boolean {
  return list
    .split(',')
    .map(one => one.trim())
    .some(one => one === '*' || one === etag || (isWeakEnough && one === `W/${etag}`))
}
