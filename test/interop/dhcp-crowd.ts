import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { Ipv4, UNSPECIFIED } from '../../config/values/ipv4.ts'
import { Mac, macFromBytes, macToBytes } from '../../config/values/mac.ts'
import { decode } from '../../server/dhcp/decode.ts'
import { encode } from '../../server/dhcp/encode.ts'
import type { Options } from '../../server/dhcp/options/area.ts'
import { ips, u8 } from '../../server/dhcp/options/value.ts'

/**
 * A relay with a crowd of machines behind it, for the interop tests:
 * `dhcp-crowd.ts OWN_ADDRESS SERVER_ADDRESS FIRST COUNT`. Every machine asks until it is acknowledged, whatever
 * happens to the server; each ACK is printed as `{"mac": …, "ip": …}`, and `{"done": true}` at the end.
 */
const [own, server] = [Ipv4.parse(process.argv[2]), Ipv4.parse(process.argv[3])]
const [first, count] = [Number(process.argv[4]), Number(process.argv[5])]
const RETRY_MS = 250

const waiting = new Set<Mac>()
for (let index = first; index < first + count; index += 1)
  waiting.add(
    Mac.parse(
      `52:54:00:c0:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`,
    ),
  )

const socket = createSocket('udp4')
socket.bind(67, own)
await once(socket, 'listening')

function send(mac: Mac, options: Options) {
  const chaddr = new Uint8Array(16)
  chaddr.set(macToBytes(mac))
  const addresses = { ciaddr: UNSPECIFIED, yiaddr: UNSPECIFIED, siaddr: UNSPECIFIED, giaddr: own }
  const header = {
    op: 1,
    htype: 1,
    hlen: 6,
    hops: 1,
    xid: chaddr[5] ?? 0,
    secs: 0,
    flags: 0,
    sname: '',
    file: '',
  }
  socket.send(encode({ ...header, ...addresses, chaddr, options }), 67, server)
}

socket.on('message', bytes => {
  const decoded = decode(bytes)
  if (decoded.kind === 'malformed') return
  const { options, yiaddr, chaddr } = decoded.packet
  const mac = macFromBytes(chaddr)
  const type = options.get(53)?.[0]
  if (type === 2)
    send(
      mac,
      new Map([
        [53, u8(3)],
        [50, ips([yiaddr])],
        [54, ips([server])],
      ]),
    )
  if (type !== 5) return
  process.stdout.write(`${JSON.stringify({ mac, ip: yiaddr })}\n`)
  waiting.delete(mac)
})

while (waiting.size > 0) {
  for (const mac of waiting) send(mac, new Map([[53, u8(1)]]))
  await new Promise(resolve => setTimeout(resolve, RETRY_MS))
}
process.stdout.write(`${JSON.stringify({ done: true })}\n`)
socket.close()
