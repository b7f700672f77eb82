import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Rig } from '../bench/net/rig.ts'
import { createFrameReader, type Frame } from './frames.ts'

/** Looks at everything a server sends, also to where none of our sockets listens. */
export type Witness = { frames(): number; flaw(): string | undefined; close(): Promise<void> }

/** Headers are enough: Ethernet, IPv4 and UDP. */
const SNAP_BYTES = 64

/**
 * Starts tcpdump on the clients' end of the cable. The server gets a route to everywhere through it, so that what it
 * would send into the world is seen as well. `flawOf` says what is wrong with a frame.
 */
export async function startWitness(rig: Rig, flawOf: (frame: Frame) => string | undefined): Promise<Witness> {
  const route = ['route', 'add', 'default', 'via', rig.clientAddress]
  execFileSync('ip', ['-n', rig.serverNamespace, ...route])
  const argv = ['tcpdump', '-i', rig.clientDevice, '-n', '-p', '-U', '--immediate-mode', '-w', '-']
  const filter = `udp and src host ${rig.serverAddress}`
  const child = spawn('ip', ['netns', 'exec', rig.clientNamespace, ...argv, '-s', `${SNAP_BYTES}`, filter])
  const ended = once(child, 'close')
  const read = createFrameReader()
  let frames = 0
  let flaw: string | undefined
  child.stdout.on('data', (piece: Buffer) => {
    for (const frame of read(piece)) {
      frames += 1
      flaw ??= flawOf(frame)
    }
  })
  // "listening on …": from here on nothing is missed.
  await Promise.race([once(child.stderr, 'data'), ended])
  if (child.exitCode !== null) throw new Error('tcpdump ended at once; is it installed (scripts/setup)?')
  return {
    frames: () => frames,
    flaw: () => flaw,
    close: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
