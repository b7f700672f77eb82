import type { Socket as UdpSocket } from 'node:dgram'
import { readlinkSync } from 'node:fs'
import type { Server as TcpServer, Socket as TcpSocket } from 'node:net'

/** What libuv's handles have; Node 20 to 24 do, no version promises it. */
type Handle = { readonly fd?: unknown }

/**
 * The file descriptor of an open socket, for a system call that Node has no name for. Node does not document where it
 * is: this is the one place that looks, and it says undefined when what it finds is not the descriptor of a socket. It
 * is the socket's only until the socket closes: ask again, or know that it is open, before every use.
 */
export function descriptorOf(socket: UdpSocket | TcpSocket | TcpServer): number | undefined {
  const fd = handleOf(socket)?.fd
  return typeof fd === 'number' && isSocket(fd) ? fd : undefined
}

function handleOf(socket: UdpSocket | TcpSocket | TcpServer): Handle | undefined {
  // A datagram socket keeps it in its state; its own `_handle` prints a deprecation warning (DEP0112).
  const state = Object.getOwnPropertySymbols(socket).find(symbol => symbol.description === 'state symbol')
  const holder = state === undefined ? socket : Reflect.get(socket, state)
  return Reflect.get(Object(holder), state === undefined ? '_handle' : 'handle') ?? undefined
}

function isSocket(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:[')
  } catch {
    return false
  }
}
