import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { openCgroups } from '../../agent/exec/cgroup.ts'
import { startKeeper } from '../../agent/exec/io/keeper.ts'
import { ticketCrypto } from '../../agent/exec/io/ticket-crypto.ts'
import { openUsedTickets } from '../../agent/exec/io/used-tickets.ts'
import { createExecService, type ExecService } from '../../agent/exec/service.ts'
import { createTicketGate, type TicketGate } from '../../agent/exec/ticket.ts'
import type { Fact } from '../../agent/link/outbox.ts'
import { createLineLog } from '../../agent/log.ts'
import { createOutputs, type Outputs } from '../../agent/output/io/outputs.ts'
import { Ipv4 } from '../../config/values/ipv4.ts'
import { NodeId, ProcessId } from '../../config/values/node-id.ts'
import type { RunGrant } from '../../protocol/admin.ts'
import { connectDirect } from '../../streams/io/connect.ts'
import { type PlaceQuestion, serveDeputy } from '../../streams/io/door.ts'
import { createLinks } from '../../streams/io/link-client.ts'
import { LINK_TIME } from '../../streams/io/link-time.ts'
import { readUserDatabase } from '../../streams/io/users.ts'
import { buildNative } from '../native/relay.ts'
import { createAuthority } from './authority.ts'

/** The node every scene plays on. */
export const NODE = NodeId.parse('n-525400000001')
const BOOT = '11111111-2222-3333-4444-555555555555'

/** A real exec service with a real keeper on loopback, and a door that leads there; CA and ticket key are its own. */
export type Scene = {
  readonly service: ExecService
  readonly facts: readonly Fact[]
  /** What detached processes have written. */
  readonly outputs: Outputs
  readonly lines: readonly string[]
  /** What stands before a command that is to run on the node, in a shell at home. */
  readonly prefix: readonly string[]
  /** The port of the agent. */
  readonly port: number
  /** A grant for the run whose request has this digest, as a server gives it. */
  grantDigest(specSha256: string, memoryBytes?: number): Promise<RunGrant>
  /** What answers the next runs; a grant of the scene's own by default. */
  place(answer: (question: PlaceQuestion) => Promise<RunGrant>): void
  /** Starts `argv` through a real deputy. */
  start(argv: readonly string[], home?: Home): Run
  /** The same with `input` as all its input, until its end. */
  run(argv: readonly string[], home?: Home & { readonly input?: string | Uint8Array }): Promise<RunEnd>
  close(): Promise<void>
}

/** What the deputy has at home. */
export type Home = {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
  readonly umask?: string
  /** Options of the deputy's `run`, as `--detach`. */
  readonly options?: readonly string[]
}

/** A deputy that runs. */
export type Run = {
  readonly child: ChildProcess
  /** Everything written so far. */
  text(): { readonly stdout: string; readonly stderr: string }
  readonly ended: Promise<RunEnd>
}
/** How a deputy ended, and all it wrote. */
export type RunEnd = {
  readonly status: number | null
  readonly signal: string | null
  readonly stdout: Buffer
  readonly stderr: string
}

const ENV = { PATH: '/usr/local/bin:/usr/bin:/bin', PWD: '/tmp' }

/** Opens a scene, with something `around` its ticket gate where a test needs to be there; close it again. */
export async function openScene(around: (gate: TicketGate) => TicketGate = gate => gate): Promise<Scene> {
  const native = buildNative()
  const dir = mkdtempSync(join(tmpdir(), 'godwit-test-agent-'))
  chmodSync(dir, 0o711) // other users come to the door
  const authority = createAuthority()
  const ticketKey = randomBytes(32)
  const facts: Fact[] = []
  const lines: string[] = []
  const log = createLineLog(line => lines.push(line), Date.now)
  const tickets = createTicketGate(Date.now, openUsedTickets(join(dir, 'tickets'), Date.now), ticketCrypto)
  tickets.trust({ key: ticketKey, nodeId: NODE, bootId: BOOT })
  const cgroups = openCgroups(process.pid)
  const outputs = createOutputs(join(dir, 'output'), Date.now, log)
  const service = createExecService({
    address: '127.0.0.1',
    port: 0,
    cgroups,
    keeper: startKeeper({
      program: join(native, 'godwit-keeper'),
      socketPath: join(dir, 'keeper.sock'),
      log,
    }),
    tickets: around(tickets),
    outputs,
    users: readUserDatabase,
    nodeName: () => 'bar-tailed',
    now: Date.now,
    log,
    onFact: fact => facts.push(fact),
  })
  const port = await service.listen(authority.issue(NODE, '127.0.0.1'))
  let runs = 0

  async function grantDigest(specSha256: string, memoryBytes?: number): Promise<RunGrant> {
    runs += 1
    const id = ProcessId.parse(`p-${runs.toString().padStart(10, '0')}`)
    const ticket = await new SignJWT({
      bootId: BOOT,
      specSha256,
      memoryBytes: memoryBytes ?? 0,
      memoryMaxBytes: null,
    })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('godwit')
      .setSubject(NODE)
      .setJti(id)
      .setExpirationTime('30s')
      .sign(ticketKey)
    const node = { id: NODE, name: 'bar-tailed', address: Ipv4.parse('127.0.0.1'), port }
    const server = { hostBootId: '', netNamespace: '' }
    return { process: id, node, ticket, caPem: authority.caPem, server, reason: '' }
  }

  let answer = ({ specSha256 }: PlaceQuestion) => grantDigest(specSha256)
  const links = createLinks({
    connect: grant => connectDirect(grant, { timeoutMs: 5000 }),
    time: LINK_TIME,
    log,
  })
  const doorPath = join(dir, 'run.sock')
  const deputyRun = [join(native, 'godwit-deputy'), 'run', `--door=${doorPath}`]
  const door = createServer(socket =>
    serveDeputy(socket, () => ({ kind: 'fits' }), {
      place(question, tell) {
        const { after } = question
        const asked = after === undefined ? answer(question) : Promise.reject(new Error('no other node'))
        asked.then(
          grant => tell({ kind: 'grant', grant }),
          (error: Error) =>
            tell({ kind: 'no-place', code: 'GW_NO_PLACE', message: error.message, details: [] }),
        )
        return () => undefined
      },
      refused: async () => undefined,
      links,
      log,
    }),
  )
  await new Promise<void>(resolve => door.listen({ path: doorPath, writableAll: true }, resolve))

  function start(argv: readonly string[], home: Home = {}): Run {
    const { env = ENV, cwd = '/tmp', umask = '022', uid, gid, options = [] } = home
    const deputy = [...deputyRun, ...options, '--', ...argv]
    const child = spawn(
      '/bin/sh',
      ['-c', `umask ${umask}; exec env -i "$@"`, 'sh', ...pairs(env), ...deputy],
      {
        cwd,
        ...(uid === undefined ? {} : { uid }),
        ...(gid === undefined ? {} : { gid }),
      },
    )
    return follow(child)
  }

  return {
    service,
    facts,
    outputs,
    lines,
    prefix: [...deputyRun, '--'],
    port,
    grantDigest,
    place: next => {
      answer = next
    },
    start,
    run(argv, { input = '', ...home } = {}) {
      const { child, ended } = start(argv, home)
      child.stdin?.end(input)
      return ended
    },
    async close() {
      links.close()
      door.close()
      await service.close()
      cgroups.close()
      authority.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function pairs(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`)
}

/** Collects what `child` writes and how it ends. */
export function follow(child: ChildProcess): Run {
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  child.stdout?.on('data', bytes => chunks.stdout.push(bytes))
  child.stderr?.on('data', bytes => chunks.stderr.push(bytes))
  child.stdin?.on('error', () => undefined)
  const text = () => ({
    stdout: `${Buffer.concat(chunks.stdout)}`,
    stderr: `${Buffer.concat(chunks.stderr)}`,
  })
  const ended = new Promise<RunEnd>(resolve => {
    child.once('close', (status, signal) => {
      resolve({ status, signal, stdout: Buffer.concat(chunks.stdout), stderr: text().stderr })
    })
  })
  return { child, text, ended }
}
