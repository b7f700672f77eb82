import type { Duplex } from 'node:stream'

/**
 * What is written to `socket` from now until the end of this turn leaves as one: a system call, a TLS record and a
 * wake-up of the other side, however many messages it is. To be called before each write.
 */
export function sendTogether(socket: Duplex): void {
  if (socket.writableCorked > 0) return
  socket.cork()
  process.nextTick(uncork, socket)
}

function uncork(socket: Duplex): void {
  socket.uncork()
}
