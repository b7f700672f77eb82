import { chmod, chown, mkdir, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Log } from '../../protocol/log.ts'
import { refusedFrame } from '../refusal.ts'
import { checkAtDoor, peopleOf, type UserDatabase } from '../user-database.ts'
import { type DoorOptions, serveDeputy } from './door.ts'
import { DoorRoom } from './door-room.ts'

/** Longest path a unix socket can have (sun_path of unix(7) less its final zero). */
const SOCKET_PATH_MAX_BYTES = 107

/** Deputies that one door serves at once; each may hold a request, and a user has one door. */
export const DEPUTIES_PER_DOOR = 1024
/**
 * Who comes on top waits: as many as a burst of some seconds brings. A shim that hears nothing runs its program where it
 * was typed after 200 ms; `godwit run` would give up after 10 s without knowing why, and is told before.
 */
const QUEUE = { waiting: 4096, patienceMs: 8000 }
/** Beyond these and as many that are being turned away, the kernel lets nobody in. */
const TURNED_AWAY_MAX = 64
/** How long one that is turned away may take to read why. */
const TURN_AWAY_MS = 2000

/** Where the doors are and who comes to them. */
export type DoorsOptions = DoorOptions & {
  /** The folder that holds `users/UID/run.sock`. */
  readonly runDir: string
  /** Who is there now; told again whenever that changes, until the returned function is called. */
  readonly watchUsers: (onUsers: (users: UserDatabase) => void) => () => void
  readonly log: Log
  /** How many may wait for room at one door, and how long; otherwise, more than a burst needs. */
  readonly queue?: { readonly waiting: number; readonly patienceMs: number }
}

/** The doors of one machine. */
export type Doors = { close(): Promise<void> }

/**
 * Opens a door for every person, and for who comes later: a socket in a folder that only this user may enter, so that
 * the kernel itself proves who is at the other end. Who is not root opens only their own. Rejects when no folder can
 * be made or another program holds the doors.
 */
export async function openDoors(options: DoorsOptions): Promise<Doors> {
  const { runDir, log } = options
  const doors = new Map<number, Promise<Server>>()
  const open = new Set<Socket>()
  const self = process.geteuid?.() ?? 0
  let users: UserDatabase = new Map()

  const openFor = async (uid: number): Promise<Server> => {
    const room = new DoorRoom(
      { inside: DEPUTIES_PER_DOOR, ...QUEUE, ...options.queue },
      {
        serve: socket => serveDeputy(socket, claim => checkAtDoor(claim, uid, users), options),
        turnAway: socket => turnAway(socket, uid),
      },
    )
    const server = createServer(socket => {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      room.come(socket)
    })
    server.maxConnections = DEPUTIES_PER_DOOR + QUEUE.waiting + TURNED_AWAY_MAX
    await listenForUser(server, join(runDir, 'users', `${uid}`), uid, self)
    return server
  }

  const stopWatching = options.watchUsers(now => {
    users = now
    for (const uid of self === 0 ? peopleOf(now) : [self]) {
      if (doors.has(uid)) continue
      const door = openFor(uid)
      doors.set(uid, door)
      door.catch((error: Error) => log.warn({ uid, error: error.message }, `no door for user ${uid}`))
    }
  })
  await doors.get(self)

  return {
    async close() {
      stopWatching()
      const servers = await Promise.allSettled(doors.values())
      for (const socket of open) socket.destroy()
      for (const door of servers) if (door.status === 'fulfilled') door.value.close()
    },
  }
}

/** A shim then runs its program where it was typed. The request is read, for who has not sent it would not listen. */
function turnAway(socket: Socket, uid: number): void {
  const message = `user ${uid} has ${DEPUTIES_PER_DOOR} programs at this door already`
  socket.on('error', () => undefined).resume()
  socket.setTimeout(TURN_AWAY_MS, () => socket.destroy())
  socket.end(refusedFrame({ kind: 'refused', code: 'GW_DOOR_FULL', message }).bytes)
}

async function listenForUser(server: Server, folder: string, uid: number, self: number): Promise<void> {
  const path = join(folder, 'run.sock')
  if (Buffer.byteLength(path) > SOCKET_PATH_MAX_BYTES) throw new Error(`${path} is too long for a socket`)
  await mkdir(join(folder, '..'), { recursive: true, mode: 0o755 })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // Ours until the socket is there: its mode is set by its path, where its user could have put a link to any file.
  await chown(folder, self, -1)
  await chmod(folder, 0o700)
  await rm(path, { force: true }) // left by one that was killed
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    // The folder keeps others out; the socket itself must let its user in, who is not us.
    server.listen({ path, readableAll: true, writableAll: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  if (uid !== self) await chown(folder, uid, -1)
}
