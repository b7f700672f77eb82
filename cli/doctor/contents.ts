import { type Finding, fail, ok, skipped } from './finding.ts'

/** What came back when something was fetched; `bytes` are compared with what is on the disk. */
export type Fetched =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly ms: number }
  | { readonly kind: 'failed'; readonly reason: string }

/** Whether a file came over the wire as it lies on the disk. */
export function judgeContent(
  check: string,
  fetched: Fetched,
  expected: Uint8Array | undefined,
  remedy: string,
): Finding {
  if (fetched.kind === 'failed') return fail(check, fetched.reason, remedy)
  if (expected === undefined)
    return skipped(check, `${fetched.bytes.length} bytes came, but the file itself cannot be read here`)
  const wrongAt = firstDifference(fetched.bytes, expected)
  if (wrongAt !== undefined)
    return fail(
      check,
      `${fetched.bytes.length} bytes came, ${expected.length} are on the disk; they differ from byte ${wrongAt} on`,
      'something between here and the server answers in its place, or the file changed under it: restart it',
    )
  return ok(check, `${expected.length} bytes, as on the disk, in ${Math.round(fetched.ms)} ms`)
}

/** Whether an image file came over the wire as the manifest names it; `found` is the SHA-256 of what came. */
export function judgeDigest(check: string, fetched: Fetched, found: string, expected: string): Finding {
  if (fetched.kind === 'failed') return fail(check, fetched.reason, 'see the log of godwit serve')
  const { bytes, ms } = fetched
  if (found !== expected)
    return fail(
      check,
      `${bytes.length} bytes came, and they are not those of the manifest`,
      'build the image again if its own check fails too; else something in between changes what is sent',
    )
  return ok(check, `${bytes.length} bytes with the manifest's SHA-256, in ${Math.round(ms)} ms`)
}

/** The first position at which the two differ, the shorter one's end included; `undefined` when they are equal. */
export function firstDifference(left: Uint8Array, right: Uint8Array): number | undefined {
  const shared = Math.min(left.length, right.length)
  for (let at = 0; at < shared; at += 1) if (left[at] !== right[at]) return at
  return left.length === right.length ? undefined : shared
}

/** An answer to a request for `bytes=start-end`. */
export type RangeAnswer = {
  readonly status: number
  readonly contentRange: string | undefined
  readonly bytes: Uint8Array
}

/** Whether a range request got exactly that part (RFC 9110 §14): the initrd resumes its download with it. */
export function judgeRange(
  check: string,
  answer: RangeAnswer | { readonly failed: string },
  start: number,
  expected: Uint8Array,
  sizeBytes: number,
): Finding {
  const remedy = 'see the log of godwit serve; a proxy in between may not pass ranges on'
  if ('failed' in answer) return fail(check, answer.failed, remedy)
  const wanted = `bytes ${start}-${start + expected.length - 1}/${sizeBytes}`
  if (answer.status !== 206 || answer.contentRange !== wanted)
    return fail(check, `status ${answer.status}, ${answer.contentRange ?? 'no Content-Range'}`, remedy)
  if (firstDifference(answer.bytes, expected) !== undefined)
    return fail(check, 'the part is not the one on the disk', remedy)
  return ok(check, `${expected.length} bytes from ${start} on, as on the disk`)
}
