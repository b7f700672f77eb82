/** Reads the answers of one connection as they come in pieces. */
export type Responses = {
  /** Takes a piece; returns the status of each answer that began, or what is wrong with one. */
  take(piece: Buffer): readonly number[] | string
}

const HEAD_END = '\r\n\r\n'
const MAX_HEAD_BYTES = 4096
const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [ -~]*$/
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ \t]*[\t -~\u0080-\u00ff]*$/

/** `methodOf` tells the method of the next request in line: an answer to HEAD has no body. */
export function createResponses(methodOf: () => string | undefined): Responses {
  let rest = Buffer.alloc(0)
  let bodyBytes = 0
  return {
    take(piece) {
      const done: number[] = []
      let data = rest.length === 0 ? piece : Buffer.concat([rest, piece])
      while (data.length > 0) {
        const skipped = Math.min(bodyBytes, data.length)
        bodyBytes -= skipped
        data = data.subarray(skipped)
        const end = data.indexOf(HEAD_END)
        if (bodyBytes > 0 || data.length === 0) break
        if (end < 0) {
          if (data.length > MAX_HEAD_BYTES) return `an answer's head is longer than ${MAX_HEAD_BYTES} bytes`
          break
        }
        const head = readHead(data.toString('latin1', 0, end))
        if (typeof head === 'string') return head
        const method = methodOf()
        if (method === undefined) return `an answer nobody asked for: ${head.status}`
        if (head.status >= 500) return `the server's own fault: ${head.status}`
        const hasBody = method !== 'HEAD' && head.status !== 204 && head.status !== 304
        bodyBytes = hasBody ? head.bodyBytes : 0
        data = data.subarray(end + HEAD_END.length)
        done.push(head.status)
      }
      rest = Buffer.from(data)
      return done
    },
  }
}

function readHead(head: string): { readonly status: number; readonly bodyBytes: number } | string {
  const [first = '', ...lines] = head.split('\r\n')
  const status = Number(STATUS_LINE.exec(first)?.[1])
  if (Number.isNaN(status)) return `not a status line: ${JSON.stringify(first)}`
  const broken = lines.find(line => !HEADER.test(line))
  if (broken !== undefined) return `not a header: ${JSON.stringify(broken)}`
  // Firmware wants a length, so nothing may be chunked.
  if (/^transfer-encoding:/im.test(head)) return `a chunked answer: ${head}`
  const length = /^content-length: *(\d+)$/im.exec(head)?.[1]
  const mayLackLength = status === 204 || status === 304
  if (length === undefined && !mayLackLength) return `an answer without length: ${head}`
  return rangeFlaw(status, head, Number(length ?? 0)) ?? { status, bodyBytes: Number(length ?? 0) }
}

function rangeFlaw(status: number, head: string, lengthBytes: number): string | undefined {
  if (status !== 206) return undefined
  const range = /^content-range: *bytes (\d+)-(\d+)\/(\d+)$/im.exec(head)
  if (range === null) return `a part without Content-Range: ${head}`
  const [start = 0, end = 0, size = 0] = range.slice(1).map(Number)
  const isRight = start <= end && end < size && end - start + 1 === lengthBytes
  return isRight ? undefined : `a part of the wrong length: ${head}`
}
