import type { ErrorCode } from '../../protocol/errors.ts'
import type { StartPayload } from '../../protocol/frames.ts'
import type { Log, Now } from '../../protocol/log.ts'
import type { Usage } from '../../protocol/process.ts'
import type { TicketClaims } from '../../protocol/ticket.ts'
import type { Fact } from '../link/outbox.ts'
import type { Cgroups } from './cgroup.ts'
import { type Attached, type StartResult, serveDeputy } from './connection.ts'
import { type Listener, openListener, type Secret } from './listener.ts'
import { createPipeMaker } from './pipes.ts'
import { type Started, startProcess } from './start.ts'
import { supervise } from './supervise.ts'
import type { TicketGate } from './ticket.ts'

/** What the exec service needs from the agent. */
export type ExecOptions = {
  readonly address: string
  readonly port: number
  readonly cgroups: Cgroups
  /** A folder of this service's own, for its FIFOs. */
  readonly pipeDir: string
  readonly tickets: TicketGate
  readonly now: Now
  readonly log: Log
  /** A process has started or ended. */
  readonly onFact: (fact: Fact) => void
}

/** A process that runs now. */
export type Running = Attached & { usage(): Usage }

/** Runs whole processes for deputies that bring tickets. */
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
  const { log, now, onFact } = options
  const running = new Map<string, Running>()
  const pipes = createPipeMaker(options.pipeDir)
  const starting = new Set<Promise<StartResult>>()
  let listener: Promise<Listener> | undefined
  let closing = false

  /** Kept until it is answered, so that `close` sees the process it may become. */
  async function start(payload: StartPayload): Promise<StartResult> {
    const answer = answerStart(payload)
    starting.add(answer)
    try {
      return await answer
    } finally {
      starting.delete(answer)
    }
  }

  async function answerStart(payload: StartPayload): Promise<StartResult> {
    const { spec } = payload
    if (closing) return ENDING
    const ticket = await options.tickets.use(payload.ticket, spec)
    if (ticket.kind === 'invalid') {
      log.warn({ code: ticket.code, reason: ticket.reason }, 'deputy refused')
      return refuse(ticket.code, ticket.reason)
    }
    if (closing) return ENDING
    const started = await startProcess(spec, ticket.claims, { cgroupBase: options.cgroups.base, pipes })
    if (started.kind === 'refused') {
      log.warn({ process: ticket.claims.jti, ...started.refusal }, 'process refused')
      return started
    }
    return { kind: 'attached', process: attach(ticket.claims, started) }
  }

  function attach(
    { jti: id }: TicketClaims,
    { spawned, pipes: streams, containment, cwd }: Started,
  ): Running {
    const { pid } = spawned
    const startedAtMs = now()
    const supervised = supervise(spawned, containment, [streams.stdout, streams.stderr])
    const ended = supervised.ended.then(end => {
      const endedAtMs = now()
      running.delete(id)
      streams.release()
      onFact({ type: 'process-ended', id, startedAtMs, endedAtMs, ...end })
      log.info({ process: id, ...end.ending }, 'process ended')
      return { ...end, endedAtMs }
    })
    const process: Running = {
      id,
      pid,
      startedAtMs,
      cwd,
      stdin: streams.stdin,
      stdout: streams.stdout,
      stderr: streams.stderr,
      signal: containment.signal,
      end: supervised.end,
      usage: supervised.usage,
      ended,
    }
    running.set(id, process)
    onFact({ type: 'process-started', id, pid, startedAtMs })
    log.info({ process: id, pid }, 'process started')
    return process
  }

  async function listen(secret: Secret): Promise<number> {
    listener ??= openListener(options, secret, socket => serveDeputy(socket, start, log), log)
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
      await Promise.allSettled(starting)
      const all = [...running.values()]
      for (const process of all) process.end()
      await Promise.all(all.map(process => process.ended))
      pipes.close()
    },
  }
}

const ENDING: StartResult = refuse('GW_NODE_REFUSED', 'the agent of this node is ending')

function refuse(code: ErrorCode, message: string): StartResult {
  return { kind: 'refused', refusal: { code, message, kind: 'refused' } }
}
