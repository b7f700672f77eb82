import type { Socket } from 'node:net'
import { constants } from 'node:os'
import type { ProcessId } from '../../config/values/node-id.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { Log, Now } from '../../protocol/log.ts'
import { outOfMemoryText } from '../../protocol/out-of-memory.ts'
import type { Usage } from '../../protocol/process.ts'
import type { TicketClaims } from '../../protocol/ticket.ts'
import { FRAME, type Frame } from '../../streams/frame.ts'
import { createLinkServer } from '../../streams/io/link-server.ts'
import { LINK_TIME } from '../../streams/io/link-time.ts'
import { explainedEnded, namedStarted, readEnded, type StartedFacts } from '../../streams/progress.ts'
import { readRequest } from '../../streams/request.ts'
import { checkOnNode, type UserDatabase } from '../../streams/user-database.ts'
import type { Fact } from '../link/outbox.ts'
import { createMemoryReader } from '../load/read.ts'
import type { Outputs } from '../output/io/outputs.ts'
import { admit } from './admission.ts'
import type { Cgroups } from './cgroup.ts'
import { contain } from './containment.ts'
import type { Keeper } from './io/keeper.ts'
import { type Attached, serveRun, type Verdict } from './io/node-run.ts'
import { launchFrame } from './launch.ts'
import { type Listener, openListener, type Secret } from './listener.ts'
import { supervise } from './supervise.ts'
import type { TicketGate } from './ticket.ts'

/** What the exec service needs from the agent. */
export type ExecOptions = {
  readonly address: string
  readonly port: number
  readonly cgroups: Cgroups
  readonly keeper: Keeper
  readonly tickets: TicketGate
  readonly outputs: Pick<Outputs, 'open'>
  /** Who is a user of this node now. */
  readonly users: () => UserDatabase
  /** This node's name for people. */
  readonly nodeName: () => string
  readonly now: Now
  readonly log: Log
  /** A process has started or ended. */
  readonly onFact: (fact: Fact) => void
}

/** A process that runs now. */
export type Running = {
  readonly id: ProcessId
  readonly pid: number
  readonly startedAtMs: number
  usage(): Usage
  signal(name: string): string | undefined
  end(): void
}

/** Runs whole processes for homes that bring tickets. */
export type ExecService = {
  /**
   * Listens with this key and certificate (PEM), or from now on uses them; resolves with the port. Rejects when the
   * port is taken.
   */
  listen(secret: Secret): Promise<number>
  running(): readonly Running[]
  /** Sends a signal to a process; answers why not, when not. */
  kill(id: string, signal: string): string | undefined
  /** Stops listening, ends every process, and resolves when all are gone. */
  close(): Promise<void>
}

/** The exec service of this node; it does not listen yet. */
export function createExecService(options: ExecOptions): ExecService {
  const { log, now, onFact, cgroups, keeper } = options
  const running = new Map<string, Running>()
  const links = createLinkServer({
    accept: (ticket, channel) => serveRun(ticket, channel, { ...runOptions, log }),
    time: LINK_TIME,
    log,
  })
  const runOptions = {
    check,
    connectKeeper: () => tracked(connectKeeper()),
    attach,
    named: (frame: Frame, { jti }: TicketClaims) => namedStarted(frame, jti, options.nodeName()),
    explained,
  }
  let listener: Promise<Listener> | undefined
  let closing = false
  const memory = createMemoryReader(now)
  /** Connections to the keeper: one for each run from before its start until nothing is left of it. */
  const kept = new Set<Socket>()
  /** Answers that runs wait for; who waits for one does so before `close` can: a refusal still goes out. */
  const asked = new Set<Promise<unknown>>()
  let whenIdle: (() => void) | undefined

  function tracked<T>(answer: Promise<T>): Promise<T> {
    const settled = answer.finally(() => asked.delete(settled))
    asked.add(settled)
    return settled
  }

  function check(ticket: string, payload: Uint8Array): Verdict {
    if (closing) return ENDING
    const run = readRequest(payload, [])
    if (run.kind === 'violation') return refuse('GW_BAD_MESSAGE', run.reason)
    const checked = options.tickets.use(ticket, payload)
    if (checked.kind === 'invalid') {
      log.warn({ code: checked.code, reason: checked.reason }, 'a run was refused')
      return refuse(checked.code, checked.reason)
    }
    const { claims } = checked
    const standing = checkOnNode(run.claim, options.users())
    if (standing.kind === 'refused') return refuse('GW_NOT_PERMITTED', standing.reason)
    const admission = admit({ ...memory(), memoryBytes: claims.memoryBytes })
    if (admission.kind === 'admitted')
      return {
        kind: 'admitted',
        claims,
        launch: launchFrame(cgroups, claims, standing.groups),
        detached: run.options.has('detach'),
      }
    log.warn({ process: claims.jti, ...admission }, 'a run was refused')
    return refuse('GW_NODE_REFUSED', `${admission.reason}: ${admission.detail}`)
  }

  async function connectKeeper(): Promise<Socket> {
    const socket = await keeper.connect()
    if (closing) {
      socket.destroy()
      throw new Error('the agent of this node is ending')
    }
    kept.add(socket)
    socket.once('close', () => {
      kept.delete(socket)
      if (kept.size === 0) whenIdle?.()
    })
    return socket
  }

  function attach({ jti: id }: TicketClaims, { pid }: StartedFacts, detached: boolean): Attached {
    const output = detached ? options.outputs.open(id) : undefined
    const startedAtMs = now()
    const folder = cgroups.base === undefined ? undefined : `${cgroups.base}/${id}`
    const containment = contain(pid, folder)
    const { usage, end, ended } = supervise(containment)
    running.set(id, { id, pid, startedAtMs, usage, signal: containment.signal, end })
    onFact({ type: 'process-started', id, pid, startedAtMs })
    log.debug({ process: id, pid, detached }, 'process started')
    if (closing) end()
    return {
      end,
      keep: ({ payload, type }) => output?.keep(type === FRAME.stdout ? 1 : 2, payload),
      ended(frame) {
        const told = frame && readEnded(frame.payload, signalName)
        const ending = told?.ending ?? KEEPER_GONE
        if (told === undefined) containment.kill()
        running.delete(id)
        output?.end()
        const last = ended(told?.usage)
        onFact({ type: 'process-ended', id, startedAtMs, endedAtMs: now(), ending, usage: last })
        log.debug({ process: id, ...ending }, 'process ended')
      },
    }
  }

  async function listen(secret: Secret): Promise<number> {
    listener ??= openListener(options, secret, links.take, log)
    try {
      const open = await listener
      open.renew(secret)
      return open.port
    } catch (error) {
      listener = undefined
      throw error
    }
  }

  return {
    listen,
    running: () => [...running.values()],
    kill(id, signal) {
      const process = running.get(id)
      return process ? process.signal(signal) : 'no such process'
    },
    async close() {
      closing = true
      await listener?.then(
        open => open.close(),
        () => undefined,
      )
      while (asked.size > 0) await Promise.allSettled(asked)
      for (const process of running.values()) process.end()
      if (kept.size > 0)
        await new Promise<void>(resolve => {
          whenIdle = resolve
        })
      links.close()
      keeper.close()
    },
  }
}

const ENDING: Verdict = refuse('GW_NODE_REFUSED', 'the agent of this node is ending')
/** A keeper dies only by force, and then its process is killed as well. */
const KEEPER_GONE = { exitStatus: null, signal: 'SIGKILL', oomKilled: false } as const

function refuse(code: ErrorCode, message: string): Verdict {
  return { kind: 'refused', refusal: { code, message, kind: 'refused' } }
}

/** Of a kill for memory, what was used, what was allowed, and what to ask for the next time. */
function explained(frame: Frame, { memoryBytes, memoryMaxBytes }: TicketClaims): Frame {
  const facts = readEnded(frame.payload, signalName)
  if (facts?.ending.oomKilled !== true) return frame
  const { peakMemoryBytes: peakBytes } = facts.usage
  const figures = { peakBytes, limitBytes: memoryMaxBytes, reservedBytes: memoryBytes }
  return explainedEnded(frame, outOfMemoryText(figures))
}

const SIGNAL_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name]),
)

function signalName(number: number): string | undefined {
  return SIGNAL_NAMES.get(number)
}
