import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { decode } from '../../../server/dhcp/decode.ts'
import { encode } from '../../../server/dhcp/encode.ts'
import { readBootItem } from '../../../server/dhcp/options/pxe-vendor.ts'
import { readRelayAgent } from '../../../server/dhcp/options/relay-agent.ts'
import { replyLimitBytes } from '../../../server/dhcp/options/size-limit.ts'
import type { Source } from '../../../server/dhcp/packet.ts'
import { readRequest } from '../../../server/dhcp/read-request.ts'
import { chooseRange } from '../../../server/http/range.ts'
import { classify } from '../../../server/tftp/classify.ts'
import { decodeAnswer } from '../../../server/tftp/decode.ts'
import { negotiate } from '../../../server/tftp/options.ts'

/** What must hold of a decoder for any bytes; `check` returns what does not, and never throws where it holds. */
export type Property = { readonly name: string; check(bytes: Uint8Array): string | undefined }

const SOURCE: Source = { address: '10.96.0.2' as Ipv4, port: 68, delivery: 'broadcast' }
const LIMITS = { maxBlockSizeBytes: 1468, maxWindowSize: 16 }
const FILE_BYTES = 40_000
const latin1 = new TextDecoder('latin1')

/** All decoders of the boot plane. */
export const PROPERTIES: readonly Property[] = [
  {
    name: 'what DHCP decoding gives is written and read again the same',
    check: bytes => {
      const first = decode(bytes)
      if (first.kind === 'malformed') return undefined
      const again = decode(encode(first.packet))
      if (again.kind === 'malformed') return again.reason
      const lost = [...first.packet.options].find(([code, value]) => {
        const other = again.packet.options.get(code)
        return other?.length !== value.length || value.some((octet, at) => octet !== other[at])
      })
      return lost === undefined ? undefined : `option ${lost[0]} is lost or changed`
    },
  },
  {
    name: 'a DHCP request is read or dropped with a reason, its reply limit is 548 to 1472 bytes',
    check: bytes => {
      const read = readRequest(bytes, SOURCE)
      if (read.kind === 'drop') return read.reason === '' ? 'dropped without a reason' : undefined
      const { options } = read.request.packet
      readRelayAgent(options.get(82))
      readBootItem(options.get(43))
      const limit = replyLimitBytes(options)
      return limit >= 548 && limit <= 1472 ? undefined : `the limit is ${limit}`
    },
  },
  {
    name: 'a TFTP request grants no more than was asked and allowed, its path has no way out',
    check: bytes => {
      const asked = classify(bytes)
      if (asked.kind !== 'read') return asked.reason === '' ? 'dropped without a reason' : undefined
      if (
        asked.paths.some(path =>
          path.some(part => part === '..' || part.includes('/') || part.includes('\0')),
        )
      )
        return `the path is ${JSON.stringify(asked.paths)}`
      const terms = negotiate(asked.request.options, LIMITS, FILE_BYTES)
      const isAllowed =
        terms.blockSizeBytes >= 8 &&
        terms.blockSizeBytes <= LIMITS.maxBlockSizeBytes &&
        terms.windowSize >= 1 &&
        terms.windowSize <= LIMITS.maxWindowSize
      return isAllowed ? undefined : `the terms are ${JSON.stringify(terms)}`
    },
  },
  {
    name: 'an answer to a TFTP transfer is read or dropped',
    check: bytes => {
      const answer = decodeAnswer(bytes)
      const isBlock = answer.kind !== 'ack' || (answer.block >= 0 && answer.block <= 65_535)
      return isBlock ? undefined : `the block is ${answer.block}`
    },
  },
  {
    name: 'a range of a file is inside the file',
    check: bytes => {
      const text = latin1.decode(bytes.subarray(bytes.length - (bytes.length % 24)))
      const range = chooseRange(`bytes=${text.replace(/[^-0-9]/g, digit)}`, FILE_BYTES)
      if (range.kind !== 'part') return undefined
      const isInside = range.start >= 0 && range.start <= range.end && range.end < FILE_BYTES
      return isInside ? undefined : `the range is ${range.start} to ${range.end}`
    },
  },
]

/** Some digit or a dash for any other character. */
function digit(character: string): string {
  const value = character.charCodeAt(0) % 11
  return value === 10 ? '-' : `${value}`
}
