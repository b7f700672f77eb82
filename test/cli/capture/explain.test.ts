import { describe, expect, it } from 'vitest'
import { explainCapture } from '../../../cli/capture/explain.ts'
import { captureFilter } from '../../../cli/capture/filter.ts'
import type { CapturedFrame } from '../../../cli/capture/pcap.ts'
import { explanationText } from '../../../cli/capture/text.ts'
import { type Ipv4, UNSPECIFIED } from '../../../config/values/ipv4.ts'
import type { Mac } from '../../../config/values/mac.ts'
import { macToBytes } from '../../../config/values/mac.ts'
import { encode } from '../../../server/dhcp/encode.ts'
import { ips, text, u8 } from '../../../server/dhcp/options/value.ts'
import { encodeData, encodeDataRun, encodeError, encodeOack } from '../../../server/tftp/encode.ts'
import { type End, tcpFrame, udpFrame } from './frames.ts'

const MAC = '52:54:00:77:00:01' as Mac
const CLIENT = '10.77.0.50' as Ipv4
const SERVER = '10.77.0.1' as Ipv4
const ROUTER = '10.77.0.254' as Ipv4
const FROM: End = ['0.0.0.0', 68]
const ALL: End = ['255.255.255.255', 68]

type Extra = { readonly address?: Ipv4; readonly file?: string; readonly options?: [number, Uint8Array][] }

/** A DHCP message as a frame; answers come from `server`. */
function dhcp(atMs: number, type: number, server: Ipv4 | undefined, extra: Extra = {}): CapturedFrame {
  const chaddr = new Uint8Array(16)
  chaddr.set(macToBytes(MAC))
  const { address = UNSPECIFIED, file = '', options = [] } = extra
  const bytes = encode({
    ...{ op: server === undefined ? 1 : 2, htype: 1, hlen: 6, hops: 0, xid: 7, secs: 0, flags: 0x8000 },
    ...{
      ciaddr: UNSPECIFIED,
      yiaddr: address,
      siaddr: file === '' ? UNSPECIFIED : SERVER,
      giaddr: UNSPECIFIED,
    },
    ...{ chaddr, sname: '', file },
    options: new Map([
      [53, u8(type)],
      ...(server === undefined ? [] : [[54, ips([server])] as [number, Uint8Array]]),
      ...options,
    ]),
  })
  const [from, to]: [End, End] = server === undefined ? [FROM, ['255.255.255.255', 67]] : [[server, 67], ALL]
  return udpFrame(atMs, from, to, bytes)
}

const ROM: [number, Uint8Array][] = [
  [60, text('PXEClient:Arch:00007:UNDI:003000')],
  [93, Uint8Array.of(0, 7)],
]
const IPXE: [number, Uint8Array][] = [...ROM, [77, text('iPXE')]]
const discover = (atMs: number, options = ROM) => dhcp(atMs, 1, undefined, { options })
const offer = (atMs: number, file = 'snponly.efi', server = SERVER) =>
  dhcp(atMs, 2, server, { address: CLIENT, file })
const dora = (atMs: number, options = ROM, file = 'snponly.efi') => [
  discover(atMs, options),
  offer(atMs + 1, file),
  dhcp(atMs + 2, 3, undefined, { options }),
  dhcp(atMs + 3, 5, SERVER, { address: CLIENT, file }),
]

/** An offer without address and file, by PXE: "ask me on port 4011". */
const proxyOffer = (atMs: number) => dhcp(atMs, 2, SERVER, { options: [[60, text('PXEClient')]] })
const taken = (atMs: number) => [
  dhcp(atMs, 3, undefined, { options: ROM }),
  dhcp(atMs + 1, 5, ROUTER, { address: CLIENT }),
]
const to4011 = (atMs: number) =>
  udpFrame(atMs, [CLIENT, 68], [SERVER, 4011], dhcp(atMs, 3, undefined, { options: ROM }).bytes.slice(42))

const rrq = (atMs: number, name: string) =>
  udpFrame(
    atMs,
    [CLIENT, 2070],
    [SERVER, 69],
    Uint8Array.from([0, 1, ...text(`${name}\0octet\0blksize\x001000\0`)]),
  )
const fromTftp = (atMs: number, bytes: Uint8Array) => udpFrame(atMs, [SERVER, 40_000], [CLIENT, 2070], bytes)
const ack = (atMs: number, block: number) =>
  udpFrame(atMs, [CLIENT, 2070], [SERVER, 40_000], Uint8Array.of(0, 4, 0, block))
/** A loader of 20,500 octets in 21 blocks. */
const loader = (atMs: number) => [
  rrq(atMs, 'snponly.efi'),
  fromTftp(atMs + 1, encodeOack([{ name: 'blksize', value: '1000' }])),
  ack(atMs + 2, 0),
  ...Array.from({ length: 21 }, (_, index) => [
    fromTftp(atMs + 3, encodeData(index + 1, new Uint8Array(index < 20 ? 1000 : 500), 0)),
    ack(atMs + 4, index + 1),
  ]).flat(),
]
const script = (atMs: number, status = 200) => [
  tcpFrame(atMs, [CLIENT, 5000], [SERVER, 7080], {
    seq: 1,
    ack: 1000,
    text: 'GET /boot.ipxe HTTP/1.1\r\n\r\n',
  }),
  tcpFrame(atMs + 5, [SERVER, 7080], [CLIENT, 5000], {
    seq: 1000,
    ack: 30,
    text: `HTTP/1.1 ${status} OK\r\n\r\n#!ipxe`,
  }),
  tcpFrame(atMs + 6, [CLIENT, 5000], [SERVER, 7080], { seq: 30, ack: 1900 }),
]

function explain(...frames: readonly CapturedFrame[]) {
  const [boot, ...others] = explainCapture(frames)
  if (boot === undefined || others.length > 0) throw new Error('not exactly one machine')
  return boot
}

describe('a boot that goes well', () => {
  const boot = explain(
    ...dora(0),
    ...loader(100),
    ...dora(5000, IPXE, 'http://10.77.0.1:7080/boot.ipxe'),
    ...script(5100),
  )

  it('is told in order, with what came', () => {
    expect(boot).toMatchObject({ mac: MAC, addresses: [CLIENT], diagnosis: [] })
    expect(boot.events.map(event => (event.kind === 'dhcp' ? event.message : event.kind))).toEqual([
      ...['DISCOVER', 'OFFER', 'REQUEST', 'ACK', 'tftp'],
      ...['DISCOVER', 'OFFER', 'REQUEST', 'ACK', 'http'],
    ])
    expect(boot.events[0]).toMatchObject({ stage: 'rom', arch: 'x64' })
    expect(boot.events[4]).toMatchObject({
      outcome: 'complete',
      bytes: 20_500,
      blocks: 21,
      repeatedBlocks: 0,
    })
    expect(boot.events[9]).toMatchObject({ request: 'GET /boot.ipxe', status: 200, bytes: 900 })
  })

  it('reads well', () => {
    const shown = explanationText(boot)
    expect(shown).toMatch(/DISCOVER +rom, x64/)
    expect(shown).toMatch(/OFFER +from 10\.77\.0\.1, 10\.77\.0\.50, file snponly\.efi, at 10\.77\.0\.1/)
    expect(shown).toMatch(/TFTP +snponly\.efi, 20 KiB in 0\.0 s, blksize 1000/)
    expect(shown).toContain('… 4.9 s nothing')
    expect(shown).toContain('nothing wrong to be seen')
  })
})

describe('a boot that does not', () => {
  it.each([
    ['nobody answers', [discover(0), discover(4000)], /nobody answered 2 DISCOVERs/],
    ['two servers', [discover(0), offer(1), offer(2, '', ROUTER)], /2 DHCP servers lease.*10\.77\.0\.254/],
    ['no boot file', [discover(0), offer(1, '')], /no offer .* names a boot file/],
    [
      'port 4011 never asked',
      [discover(0), offer(1, '', ROUTER), proxyOffer(2), ...taken(3)],
      /10\.77\.0\.1 offered to tell the boot file on port 4011 and the machine never asked/,
    ],
    [
      'port 4011 is deaf',
      [discover(0), offer(1, '', ROUTER), proxyOffer(2), ...taken(3), to4011(50), to4011(1050)],
      /^nobody answered 2 requests to port 4011/,
    ],
    ['offers ignored', [discover(0), offer(1), discover(4000), offer(4001)], /never took one/],
    ['taken and forgotten', [...dora(0), ...dora(9000)], /took an address, fetched nothing/],
    ['file never asked for', dora(0), /told to load snponly\.efi .* never asked/],
    ['TFTP is deaf', [...dora(0), rrq(50, 'snponly.efi')], /did not answer the TFTP request/],
    [
      'file missing',
      [...dora(0), rrq(50, 'x.efi'), fromTftp(60, encodeError(1, 'file not found'))],
      /refuses x\.efi by TFTP: file not found/,
    ],
    ['transfer breaks off', [...dora(0), ...loader(50).slice(0, 9)], /broke off after 3000 bytes/],
    ['loader says nothing', [...dora(0), ...loader(50)], /no iPXE asked/],
    [
      'script never asked for',
      dora(0, IPXE, 'http://10.77.0.1:7080/boot.ipxe'),
      /iPXE was told to load http/,
    ],
    [
      'script refused',
      [...dora(0, IPXE, 'http://10.77.0.1:7080/boot.ipxe'), ...script(50, 404)],
      /status 404/,
    ],
    ['a NAK', [discover(0), offer(1), dhcp(2, 6, SERVER)], /10\.77\.0\.1 refused an address/],
  ])('%s', (_what, frames, sentence) => {
    expect(explain(...frames).diagnosis.join('\n')).toMatch(sentence)
  })

  it('shows blocks that were sent twice', () => {
    const [request, ...rest] = loader(50)
    const twice = rest.flatMap(frame => [frame, frame])
    const boot = explain(...dora(0), ...(request === undefined ? [] : [request]), ...twice)
    expect(boot.events.find(event => event.kind === 'tftp')).toMatchObject({
      repeatedBlocks: 21,
      bytes: 20_500,
    })
    expect(boot.diagnosis.join('\n')).toMatch(/21 of 21 blocks .* sent twice/)
  })

  it('counts the blocks of a window that the NIC of the server had not cut yet', () => {
    const windowAt = (first: number, blocks: number, bytes: number) => {
      const shape = { blockSizeBytes: 1000, rollover: 0 } as const
      const run = encodeDataRun(first, new Uint8Array(bytes), blocks, shape)
      return fromTftp(60, Buffer.concat(run.slice(0, blocks)))
    }
    const [request, oack] = loader(50)
    const windows = [windowAt(1, 16, 16_000), windowAt(1, 16, 16_000), windowAt(17, 16, 4500)]
    const boot = explain(...dora(0), ...(request && oack ? [request, oack, ...windows] : []))
    expect(boot.events.find(event => event.kind === 'tftp')).toMatchObject({
      ...{ bytes: 20_500, blocks: 21, repeatedBlocks: 16, outcome: 'complete' },
    })
  })

  it('keeps two machines apart', () => {
    const other = dhcp(5, 1, undefined, { options: ROM })
    const bytes = other.bytes.slice()
    bytes[14 + 20 + 8 + 33] = 2 // the last octet of chaddr
    expect(explainCapture([discover(0), { ...other, bytes }]).map(({ mac }) => mac)).toEqual([
      MAC,
      '52:54:00:77:00:02',
    ])
  })
})

it('tells also of a machine that never stopped asking', () => {
  const asked = discover(0)
  const frames = Array.from({ length: 130_000 }, (_, index) => ({ ...asked, atMs: index }))
  expect(explainCapture(frames)).toMatchObject([{ endedAtMs: 129_999 }])
}, 20_000)

it('shows no control character of a packet', () => {
  const text = explanationText(explain(...dora(0, ROM, 'x\x1b[2J')))
  expect(text).toContain('file x?[2J')
  expect(text).toContain('told to load x?[2J from')
})

describe('the filter', () => {
  it('names the machine by its card and in DHCP by its address in the header', () => {
    const filter = captureFilter(MAC, false)
    expect(filter).toContain('ether host 52:54:00:77:00:01')
    expect(filter).toContain('udp[36:4] = 0x52540077 and udp[40:2] = 0x0001')
    expect(captureFilter(MAC, true)).not.toContain('tcp')
  })
})
