import type { Socket } from 'node:net'

/** How many may be inside at once, how many may wait at the door, and how long. */
export type RoomSize = { readonly inside: number; readonly waiting: number; readonly patienceMs: number }

/** What becomes of who comes to the door. */
export type RoomUse = {
  readonly serve: (socket: Socket) => void
  readonly turnAway: (socket: Socket) => void
}

/**
 * Lets deputies in as there is room, in the order they came. Who waits has not been asked for anything yet: one that
 * gives up meanwhile has lost nothing, and that it is gone is seen when its turn comes.
 */
export class DoorRoom {
  readonly #size: RoomSize
  readonly #use: RoomUse
  /** Those who wait, with what ends their patience. */
  readonly #waiting = new Map<Socket, NodeJS.Timeout>()
  #inside = 0

  constructor(size: RoomSize, use: RoomUse) {
    this.#size = size
    this.#use = use
  }

  /** Somebody is at the door. */
  come(socket: Socket): void {
    if (this.#inside < this.#size.inside) this.#admit(socket)
    else if (this.#waiting.size < this.#size.waiting) this.#keepWaiting(socket)
    else this.#use.turnAway(socket)
  }

  #admit(socket: Socket): void {
    this.#inside += 1
    socket.once('close', () => {
      this.#inside -= 1
      this.#next()
    })
    this.#use.serve(socket)
  }

  #keepWaiting(socket: Socket): void {
    const impatience = setTimeout(() => {
      this.#waiting.delete(socket)
      this.#use.turnAway(socket)
    }, this.#size.patienceMs)
    this.#waiting.set(socket, impatience)
    socket.on('error', () => undefined).once('close', () => this.#forget(socket))
  }

  #next(): void {
    for (const socket of this.#waiting.keys()) {
      this.#forget(socket)
      if (socket.destroyed) continue
      this.#admit(socket)
      return
    }
  }

  #forget(socket: Socket): void {
    clearTimeout(this.#waiting.get(socket))
    this.#waiting.delete(socket)
  }
}
