import { connect, createConnection, createServer, type Server, type Socket } from 'node:net'
import { cidrContains } from '../../config/values/cidr.ts'
import { Ipv4 } from '../../config/values/ipv4.ts'
import { LabFailure } from '../failure.ts'
import { LAB_ADDRESS } from '../network.ts'

/** The first line of a caller: where to, `10.77.0.100 7444`. Nobody writes a longer one in good faith. */
const TARGET = /^(\S{7,15}) (\d{1,5})\n/
const LINE_MAX_BYTES = 64

/**
 * Lets programs outside the lab's network reach machines in it: a caller names address and port in one line, then
 * octets go both ways. It lives with the supervisor, not with the server, so it goes on when the server is killed.
 */
export async function serveLabRelay(socketPath: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, caller => {
    caller.on('error', () => caller.destroy())
    caller.once('data', first => {
      const target = readTarget(first)
      if (target === undefined) caller.destroy()
      else join(caller, connect({ ...target, allowHalfOpen: true }), first.subarray(target.lineBytes))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  return server
}

function readTarget(bytes: Buffer): { host: string; port: number; lineBytes: number } | undefined {
  const match = TARGET.exec(bytes.subarray(0, LINE_MAX_BYTES).toString('latin1'))
  const host = Ipv4.safeParse(match?.[1])
  const port = Number(match?.[2])
  if (match === null || !host.success || !cidrContains(LAB_ADDRESS, host.data) || port > 65_535)
    return undefined
  return { host: host.data, port, lineBytes: match[0].length }
}

function join(caller: Socket, machine: Socket, first: Uint8Array): void {
  machine.on('error', () => caller.destroy())
  machine.on('close', () => caller.destroy())
  caller.on('close', () => machine.destroy())
  if (first.length > 0) machine.write(first)
  caller.pipe(machine)
  machine.pipe(caller)
}

/** A byte pipe to `address`:`port` in the lab's network. Rejects with LabFailure when the lab's relay is not there. */
export function openLabRelay(relaySocket: string, address: Ipv4, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(relaySocket)
    socket.once('error', error =>
      reject(
        new LabFailure(
          'not-up',
          `The lab's relay cannot be reached (${error.message})`,
          'Try godwit lab status',
        ),
      ),
    )
    socket.once('connect', () => {
      socket.write(`${address} ${port}\n`)
      resolve(socket)
    })
  })
}
