import { execFileSync } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { tftpGet } from './tftp-get.ts'
import { chars, quad, type Reply, readReply, writeMessage } from './wire.ts'

/** Where the firmware found its loader. */
export type Found = { readonly server: string; readonly file: string }

/** What the firmware has heard when it decides. */
export type Heard = {
  readonly offers: readonly Reply[]
  /** All that came in answer to its REQUEST. */
  readonly acks: readonly Reply[]
  /** Asks a boot server on port 4011; `more` are further options. */
  askBootServer(
    server: string,
    more?: readonly (readonly [number, readonly number[]])[],
  ): Promise<Reply | undefined>
}

/** One broken firmware: what it is, and how it goes wrong. */
export type Firmware = {
  /** RFC 4578 architecture. */
  readonly arch: number
  /** Option 97 as it sends it; none by default. */
  readonly machineId?: readonly number[]
  /** After this option it reads no more. */
  readonly stopAt?: number
  /** Whether it takes note of a reply at all. */
  accepts?(reply: Reply): boolean
  findLoader(heard: Heard): Promise<Found | undefined>
}

const COLLECT_MS = 700
/** Between the beginnings of two tries; real firmware takes longer. */
const TRY_MS = 2_600
const MAX_TRIES = 12

/**
 * Boots like a PXE ROM with the faults of `firmware`: `PROGRAM DEVICE`, in a namespace where the device has no
 * address. Tries again from the beginning until it has a loader, and prints `{"tries", "file", "sizeBytes"}`.
 */
export async function bootLike(firmware: Firmware): Promise<void> {
  const device = process.argv[2] ?? ''
  const mac = (networkInterfaces()[device]?.[0]?.mac ?? macFromLink(device))
    .split(':')
    .map(part => parseInt(part, 16))
  const ip = (...args: readonly string[]) => execFileSync('ip', args, { stdio: 'ignore' })
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const began = Date.now()
    ip('addr', 'flush', 'dev', device)
    ip('route', 'replace', 'default', 'dev', device)
    const found = await tryOnce(firmware, mac, address => {
      ip('addr', 'add', `${address}/24`, 'dev', device)
    })
    const sizeBytes = found && (await tftpGet(found.server, found.file))
    if (found !== undefined && sizeBytes !== undefined) {
      process.stdout.write(`${JSON.stringify({ tries, file: found.file, sizeBytes })}\n`)
      return
    }
    await new Promise(resolve => setTimeout(resolve, Math.max(0, began + TRY_MS - Date.now())))
  }
  process.stdout.write('{"tries": 0}\n')
}

function macFromLink(device: string): string {
  const output = execFileSync('ip', ['-j', 'link', 'show', 'dev', device], { encoding: 'utf8' })
  return (JSON.parse(output) as [{ address: string }])[0].address
}

async function tryOnce(
  firmware: Firmware,
  mac: readonly number[],
  useAddress: (address: string) => void,
): Promise<Found | undefined> {
  const xid = Math.floor(Math.random() * 0xffff_ffff)
  const { arch, machineId } = firmware
  const own = [
    [60, chars(`PXEClient:Arch:${String(arch).padStart(5, '0')}:UNDI:002001`)],
    [93, [arch >> 8, arch & 255]],
    [94, [1, 2, 1]],
    ...(machineId === undefined ? [] : [[97, machineId] as const]),
    [55, [1, 3, 43, 54, 60, 66, 67, 97]],
  ] as const
  const socket = await openPort(68)
  const collect = collector(socket, firmware, xid)
  const broadcast = (type: number, more: readonly (readonly [number, readonly number[]])[]) =>
    socket.send(writeMessage({ type, mac, xid, options: [...own, ...more] }), 67, '255.255.255.255')
  try {
    broadcast(1, [])
    const offers = await collect(2)
    const lease = offers.find(offer => offer.yiaddr !== '0.0.0.0')
    const server = lease?.options.get(54)
    if (lease === undefined || server === undefined) return undefined
    broadcast(3, [
      [50, quad(lease.yiaddr)],
      [54, [...server]],
    ])
    const acks = await collect(5)
    if (!acks.some(ack => ack.yiaddr === lease.yiaddr)) return undefined
    useAddress(lease.yiaddr)
    const askBootServer: Heard['askBootServer'] = async (address, more = []) => {
      const message = writeMessage({ type: 3, mac, xid, ciaddr: lease.yiaddr, options: [...own, ...more] })
      socket.send(message, 4011, address)
      return (await collect(5))[0]
    }
    return await firmware.findLoader({ offers, acks, askBootServer })
  } finally {
    socket.close()
  }
}

/** Collects, each time it is called, what of a type comes in the next moment and this firmware takes note of. */
function collector(socket: Socket, { accepts = () => true, stopAt }: Firmware, xid: number) {
  const replies: Reply[] = []
  socket.on('message', (bytes, from) => {
    const reply = readReply(bytes, from.address, stopAt)
    if (reply?.xid === xid && accepts(reply)) replies.push(reply)
  })
  return async (type: number): Promise<readonly Reply[]> => {
    await new Promise(resolve => setTimeout(resolve, COLLECT_MS))
    return replies.splice(0).filter(reply => reply.type === type)
  }
}

async function openPort(port: number): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  socket.bind(port, '0.0.0.0')
  await once(socket, 'listening')
  socket.setBroadcast(true)
  return socket
}
