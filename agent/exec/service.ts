import { createServer, type Server } from 'node:tls'
import type { StartPayload } from '../../protocol/frames.ts'
import type { Log, Now } from '../../protocol/log.ts'
import type { Usage } from '../../protocol/process.ts'
import type { TicketClaims } from '../../protocol/ticket.ts'
import type { Fact } from '../link/outbox.ts'
import type { Cgroups } from './cgroup.ts'
import { type Attached, type StartResult, serveDeputy } from './connection.ts'
import { createPipeMaker } from './pipes.ts'
import { startProcess } from './start.ts'
import { supervise } from './supervise.ts'
import type { TicketGate } from './ticket.ts'

const MAX_CONNECTIONS = 1024
const HANDSHAKE_TIMEOUT_MS = 10_000
/** A deputy whose machine lost power sends no FIN; the kernel asks it after this time. */
const KEEP_ALIVE_MS = 10_000

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
  /** Listens with this key and certificate (PEM), or from now on uses them. Rejects when the port is taken. */
  listen(tls: { readonly keyPem: string; readonly certificatePem: string }): Promise<void>
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
  let server: Server | undefined

  async function start(payload: StartPayload): Promise<StartResult> {
    const { spec } = payload
    const ticket = await options.tickets.use(payload.ticket, spec)
    if (ticket.kind === 'invalid') {
      log.warn({ code: ticket.code, reason: ticket.reason }, 'deputy refused')
      return { kind: 'refused', refusal: { code: ticket.code, message: ticket.reason, kind: 'refused' } }
    }
    const started = await startProcess(spec, ticket.claims, { cgroupBase: options.cgroups.base, pipes })
    if (started.kind === 'refused') {
      log.warn({ process: ticket.claims.jti, ...started.refusal }, 'process refused')
      return started
    }
    return { kind: 'attached', process: attach(ticket.claims, started) }
  }

  function attach(
    { jti: id }: TicketClaims,
    {
      spawned,
      pipes: streams,
      containment,
    }: Extract<Awaited<ReturnType<typeof startProcess>>, { kind: 'started' }>,
  ): Running {
    const { pid } = spawned
    const startedAtMs = now()
    const supervised = supervise(spawned, containment, [streams.stdout, streams.stderr])
    const ended = supervised.ended.then(end => {
      const endedAtMs = now()
      running.delete(id)
      streams.stdin.destroy()
      onFact({ type: 'process-ended', id, startedAtMs, endedAtMs, ...end })
      log.info({ process: id, ...end.ending }, 'process ended')
      return { ...end, endedAtMs }
    })
    const process: Running = {
      id,
      pid,
      startedAtMs,
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

  async function listen(tls: { keyPem: string; certificatePem: string }): Promise<void> {
    const secret = { key: tls.keyPem, cert: tls.certificatePem }
    if (server) return server.setSecureContext(secret)
    const created = createServer({ ...secret, handshakeTimeout: HANDSHAKE_TIMEOUT_MS, minVersion: 'TLSv1.3' })
    created.maxConnections = MAX_CONNECTIONS
    created.on('secureConnection', socket => {
      socket.setKeepAlive(true, KEEP_ALIVE_MS)
      socket.setNoDelay(true)
      serveDeputy(socket, start, log)
    })
    created.on('tlsClientError', error => log.info({ error }, 'TLS handshake failed'))
    await new Promise<void>((resolve, reject) => {
      created.once('error', reject)
      created.listen(options.port, options.address, () => {
        created.off('error', reject)
        created.on('error', error => log.error({ error }, 'agent port'))
        resolve()
      })
    })
    server = created
  }

  return {
    listen,
    running: () => [...running.values()],
    kill(id, signal) {
      const process = running.get(id)
      return process ? process.signal(signal) : 'no such process'
    },
    async close() {
      server?.close()
      const all = [...running.values()]
      for (const process of all) process.end()
      await Promise.all(all.map(process => process.ended))
      pipes.close()
    },
  }
}
