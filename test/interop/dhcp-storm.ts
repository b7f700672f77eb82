import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { Ipv4, UNSPECIFIED } from '../../config/values/ipv4.ts'
import { Mac, macFromBytes, macToBytes } from '../../config/values/mac.ts'
import { decode } from '../../server/dhcp/decode.ts'
import { encode } from '../../server/dhcp/encode.ts'
import type { Options } from '../../server/dhcp/options/area.ts'
import { ips, u8 } from '../../server/dhcp/options/value.ts'

/**
 * Machines behind a relay that lease, give back and lease again without end, more of them than addresses, for the
 * crash test: `dhcp-storm.ts OWN_ADDRESS SERVER_ADDRESS COUNT`. It keeps account of who has what, as the machines
 * see it: from an ACK until just before the RELEASE is sent. Each SIGUSR1 prints the account as one JSON line,
 * `{"snapshot": …, "held": {…}, "acknowledged": …, "doubles": […]}`.
 */
const [own, server] = [Ipv4.parse(process.argv[2]), Ipv4.parse(process.argv[3])]
const STEP_MS = 10
const PATIENCE_MS = 60
/** Chance that a machine gives its address back in one step. */
const LEAVES = 0.02

type Machine = {
  readonly mac: Mac
  ip: Ipv4 | undefined
  xid: number
  asked: Ipv4 | undefined
  sentAtMs: number
}

const machines = new Map<Mac, Machine>()
for (let index = 0; index < Number(process.argv[4]); index += 1) {
  const mac = Mac.parse(`52:54:00:5a:00:${index.toString(16).padStart(2, '0')}`)
  machines.set(mac, { mac, ip: undefined, xid: 0, asked: undefined, sentAtMs: 0 })
}
const held = new Map<Ipv4, Mac>()
const doubles: string[] = []
let acknowledged = 0
let snapshot = 0
let nextXid = 1

const socket = createSocket('udp4')
socket.bind(67, own)
await once(socket, 'listening')

function send({ mac, xid }: Machine, type: number, options: Options, ciaddr: Ipv4 = UNSPECIFIED) {
  const chaddr = new Uint8Array(16)
  chaddr.set(macToBytes(mac))
  const addresses = { ciaddr, yiaddr: UNSPECIFIED, siaddr: UNSPECIFIED, giaddr: own }
  const header = { op: 1, htype: 1, hlen: 6, hops: 1, xid, secs: 0, flags: 0, sname: '', file: '' }
  socket.send(
    encode({ ...header, ...addresses, chaddr, options: new Map([[53, u8(type)], ...options]) }),
    67,
    server,
  )
}

function take(machine: Machine, ip: Ipv4) {
  const other = held.get(ip)
  if (other !== undefined && other !== machine.mac) doubles.push(`${ip}: ${other} and ${machine.mac}`)
  held.set(ip, machine.mac)
  machine.ip = ip
  acknowledged += 1
}

socket.on('message', bytes => {
  const decoded = decode(bytes)
  if (decoded.kind === 'malformed') return
  const { options, yiaddr, chaddr, xid } = decoded.packet
  const machine = machines.get(macFromBytes(chaddr))
  if (machine === undefined || machine.xid !== xid || machine.ip !== undefined) return
  const type = options.get(53)?.[0]
  if (type === 2 && machine.asked === undefined) {
    machine.asked = yiaddr
    const wish = new Map([
      [50, ips([yiaddr])],
      [54, ips([server])],
    ])
    send(machine, 3, wish)
  }
  if (type === 5 && machine.asked === yiaddr) take(machine, yiaddr)
})

function step(machine: Machine, nowMs: number) {
  if (machine.ip === undefined) {
    if (nowMs - machine.sentAtMs < PATIENCE_MS) return
    Object.assign(machine, { xid: nextXid, asked: undefined, sentAtMs: nowMs })
    nextXid += 1
    send(machine, 1, new Map())
  } else if (Math.random() < LEAVES) {
    const { ip } = machine
    held.delete(ip)
    machine.ip = undefined
    send(machine, 7, new Map([[54, ips([server])]]), ip)
  }
}

setInterval(() => {
  const nowMs = Date.now()
  for (const machine of machines.values()) step(machine, nowMs)
}, STEP_MS)

process.on('SIGUSR1', () => {
  snapshot += 1
  process.stdout.write(
    `${JSON.stringify({ snapshot, held: Object.fromEntries(held), acknowledged, doubles })}\n`,
  )
})
process.stdout.write('{"storm":true}\n')
