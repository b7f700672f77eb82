import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../../protocol/log.ts'

/** How long a keeper that was just started may take to listen. */
const READY_MS = 5000
const TRY_AGAIN_MS = 20
/** Between a keeper's end and the next one's start, doubled each time it ends at once. */
const RESTART_MS = 100
const RESTART_MAX_MS = 5000

/** The program that starts processes for us, and its socket. */
export type KeeperOptions = { readonly program: string; readonly socketPath: string; readonly log: Log }

/** The keeper of this node: started, and started again when it ends. */
export type Keeper = {
  /** A new connection to it; rejects when it does not listen in time. */
  connect(): Promise<Socket>
  close(): void
}

/** Starts the keeper. It never throws: a keeper that cannot be started is logged, and tried again. */
export function startKeeper({ program, socketPath, log }: KeeperOptions): Keeper {
  let child: ChildProcess | undefined
  let restart: NodeJS.Timeout | undefined
  let waitMs = RESTART_MS
  let isClosed = false

  function start(): void {
    const startedAtMs = Date.now()
    rmSync(socketPath, { force: true })
    // Its input is ours to hold: when we are gone, however that came about, it reads the end and leaves too.
    child = spawn(program, ['--listen', socketPath], { stdio: ['pipe', 'inherit', 'inherit'] })
    child.stdin?.on('error', () => undefined)
    const over = (reason: string): void => {
      if (isClosed || restart !== undefined) return
      waitMs = Date.now() - startedAtMs > RESTART_MAX_MS ? RESTART_MS : Math.min(waitMs * 2, RESTART_MAX_MS)
      log.error(
        { program, reason, waitMs },
        'the keeper ended: no process can be started until it runs again',
      )
      restart = setTimeout(() => {
        restart = undefined
        start()
      }, waitMs)
    }
    child.once('error', error => over(error.message))
    child.once('exit', (status, signal) => over(`${signal ?? `status ${status}`}`))
  }

  start()
  return {
    async connect() {
      const deadlineMs = Date.now() + READY_MS
      for (;;) {
        try {
          return await connectOnce(socketPath)
        } catch (error) {
          if (isClosed || Date.now() > deadlineMs) throw error
          await sleep(TRY_AGAIN_MS)
        }
      }
    },
    close() {
      isClosed = true
      clearTimeout(restart)
      child?.stdin?.end()
      child?.kill('SIGTERM')
    },
  }
}

function connectOnce(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}
