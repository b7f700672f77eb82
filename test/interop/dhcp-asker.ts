import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { Ipv4, ipv4FromNumber } from '../../config/values/ipv4.ts'
import { Mac } from '../../config/values/mac.ts'
import { decode } from '../../server/dhcp/decode.ts'
import { encode } from '../../server/dhcp/encode.ts'
import { OPTION } from '../../server/dhcp/options/code.ts'
import { BROADCAST_FLAG } from '../../server/dhcp/packet.ts'
import { packetOf } from '../server/dhcp/scene.ts'

/**
 * Broadcasts one DISCOVER for each MAC and prints, as one JSON list, every DHCP packet that reaches its network within
 * `WAIT_MS` of the last: `dhcp-asker.ts OWN_ADDRESS WAIT_MS MAC…`. Without a MAC it only listens.
 */
const [own = '', waitMs = '1000', ...macs] = process.argv.slice(2)

/** One reply as the tests look at it; `from` is the IP source, `serverId` option 54. */
export type Heard = { mac: string; yiaddr: string; from: string; serverId: string }

const heard: Heard[] = []
const listener = createSocket({ type: 'udp4', reuseAddr: true })
listener.on('message', (bytes, from) => {
  const decoded = decode(bytes)
  if (decoded.kind !== 'packet' || decoded.packet.op !== 2) return
  const { chaddr, yiaddr, options } = decoded.packet
  const id = options.get(OPTION.serverId)
  heard.push({
    mac: Array.from(chaddr.subarray(0, 6), octet => octet.toString(16).padStart(2, '0')).join(':'),
    yiaddr,
    from: from.address,
    serverId: id === undefined ? '' : ipv4FromNumber(new DataView(id.buffer, id.byteOffset).getUint32(0)),
  })
})
listener.bind(68, '0.0.0.0')
await once(listener, 'listening')
const sender = createSocket({ type: 'udp4', reuseAddr: true })
sender.bind(68, Ipv4.parse(own))
await once(sender, 'listening')
sender.setBroadcast(true)
for (const [index, mac] of macs.entries()) {
  const options = [[OPTION.messageType, [1]] as const]
  const packet = packetOf({ mac: Mac.parse(mac), xid: index + 1, flags: BROADCAST_FLAG, options })
  await new Promise(resolve => sender.send(encode(packet), 67, '255.255.255.255', resolve))
}
setTimeout(() => {
  process.stdout.write(JSON.stringify(heard))
  process.exit(0)
}, Number(waitMs))
