import { mutate } from '../mutate.ts'
import type { Random } from '../random.ts'

/** A request that HTTP's grammar allows, whatever it asks for: it must be answered. */
export type FuzzedRequest = { readonly method: string; readonly text: string }

const encoder = new TextEncoder()
const DIGEST = 'a'.repeat(64)
const METHODS = ['GET', 'GET', 'GET', 'HEAD']
/** Requests that hand something in; the server refuses them and hangs up, so that no octet of a body is read. */
const HANDING_IN = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']
const FILES = [`/images/${DIGEST}/k1`, `/images/${DIGEST}/t.txt`, '/loaders/k1', '/loaders/t.txt']
const MAC = 'mac=52:54:00:77:00:01'
/** Row F35 of the hostile input, and what routers and decoders stumble over. */
const PATHS = [
  ...FILES,
  `/images/${DIGEST}/big.bin`,
  ...[
    '/',
    '/healthz',
    '/boot.ipxe',
    '/ca.pem',
    `/v1/boot.ipxe?${MAC}&fw=bios`,
    '/v1/boot.ipxe?mac=x',
    '/metrics',
  ],
  ...[`/v1/stage?${MAC}&stage=kernel`, '/v1/stage?stage=nothing', '/v1/stage?__proto__[x]=1&constructor=2'],
  ...[
    '/../../etc/passwd',
    '/%2e%2e%2fetc/passwd',
    '/images/../../etc/passwd',
    '/loaders/..%2f..%2fetc%2fpasswd',
  ],
  ...['/loaders/%zz', '/loaders/%00', '/loaders/%c0%ae%c0%ae/', '//', '/loaders/', `/${'x'.repeat(2000)}`],
  ...['http://10.96.0.1/loaders/k1', '/loaders/k1?' + 'a=b&'.repeat(300), '/loaders/__proto__', '*'],
]
const RANGES = [
  ...[
    'bytes=0-',
    'bytes=0-0',
    'bytes=-1',
    'bytes=-0',
    'bytes=5-3',
    'bytes=99999999999999999999-',
    'bytes=100-200',
  ],
  ...[
    'bytes=0-1,5-6',
    `bytes=${'0-0,'.repeat(200)}0-0`,
    'bytes',
    'lines=1-2',
    'bytes=a-b',
    'bytes= 1 - 2',
    'bytes=-',
  ],
]
const HEADERS = [
  'If-None-Match: "x"',
  'If-Range: "x"',
  'Accept-Encoding: gzip',
  'Cookie: a=b',
  'X-Odd: \u00e9',
  'Expect: x',
]
const BODIES = ['{}', '[1]', '"x"', '{"a":{"b":[]}}']

/** A request by rule. It keeps its connection, so that millions can be sent. */
export function wellFormed(random: Random): FuzzedRequest {
  const method = random.pick(METHODS)
  const lines = [`${method} ${path(random)} HTTP/1.1`, 'Host: 10.96.0.1']
  if (random.chance(40)) lines.push(`Range: ${random.pick(RANGES)}`)
  if (random.chance(20)) lines.push(random.pick(HEADERS.slice(0, -1)))
  return { method, text: `${lines.join('\r\n')}\r\n\r\n` }
}

/** Anything but a request, or one that a server may hang up on. */
export function malformed(random: Random): Uint8Array {
  const kind = random.below(12)
  const { text } = wellFormed(random)
  if (kind === 0) return random.bytes(random.below(2000))
  if (kind === 1) return encoder.encode(`GET / HTTP/1.1\r\nX: ${'y'.repeat(65_536)}\r\n\r\n`)
  if (kind === 2)
    return encoder.encode(`GET /healthz HTTP/${random.pick(['9.9', '0.9', '2.0', 'x'])}\r\n\r\n`)
  if (kind === 3) return encoder.encode(text.slice(0, random.below(text.length)))
  if (kind === 4) return encoder.encode(handingIn(text, random))
  if (kind === 5)
    return encoder.encode(
      text.replace(
        'Host',
        random.pick([
          'Transfer-Encoding: chunked\r\nHost',
          'Connection: close\r\nHost',
          'Content-Length: -1\r\nHost',
          'Expect: x\r\nHost',
          ' Host',
        ]),
      ),
    )
  return mutate(encoder.encode(text), random, encoder.encode(wellFormed(random).text))
}

function handingIn(text: string, random: Random): string {
  const body = random.pick(BODIES)
  const lines = `Content-Length: ${body.length}\r\nContent-Type: application/json\r\nHost`
  return `${text.replace(/^\w+/, random.pick(HANDING_IN)).replace('Host', lines)}${body}`
}

/** One of the list, perhaps with something odd put into it that a request line may have. */
function path(random: Random): string {
  const chosen = random.pick(PATHS)
  if (random.chance(70) || !chosen.startsWith('/')) return chosen
  const at = 1 + random.below(chosen.length)
  const odd = random.pick(['%', '%2', '%2f', '..', '/', '\\', ';', '?', '#', '&', '=', '[', '%ff', '+', "'"])
  return `${chosen.slice(0, at)}${odd}${chosen.slice(at)}`
}
