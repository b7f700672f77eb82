import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { connectDirect } from '../../agent/deputy/connect.ts'
import { type DeputyEvent, type DeputyResult, runDeputy } from '../../agent/deputy/run.ts'
import { openCgroups } from '../../agent/exec/cgroup.ts'
import { openUsedTickets } from '../../agent/exec/io/used-tickets.ts'
import { createExecService, type ExecService } from '../../agent/exec/service.ts'
import { createTicketGate, type TicketGate } from '../../agent/exec/ticket.ts'
import type { Fact } from '../../agent/link/outbox.ts'
import { createLineLog } from '../../agent/log.ts'
import { Ipv4 } from '../../config/values/ipv4.ts'
import { NodeId, ProcessId } from '../../config/values/node-id.ts'
import type { RunGrant } from '../../protocol/admin.ts'
import { type RunSpec, runSpecBytes } from '../../protocol/run-spec.ts'
import { createAuthority } from './authority.ts'

/** The node every scene plays on. */
export const NODE = NodeId.parse('n-525400000001')
const BOOT = '11111111-2222-3333-4444-555555555555'

/** A real exec service on loopback with a CA and a ticket key of its own. */
export type Scene = {
  readonly service: ExecService
  readonly facts: readonly Fact[]
  readonly lines: readonly string[]
  grant(spec: RunSpec, memoryBytes?: number): Promise<RunGrant>
  /** The same for a spec of which only the digest is known, as a server has it. */
  grantDigest(specSha256: string, memoryBytes?: number): Promise<RunGrant>
  /** Runs `argv` through a real deputy. */
  run(argv: readonly string[], io?: Partial<Home>): Promise<Outcome>
  close(): Promise<void>
}

/** The deputy's side of a run. */
export type Home = {
  readonly stdin: Readable
  readonly spec: Partial<RunSpec>
  readonly grant: RunGrant
  readonly onEvent: (event: DeputyEvent) => void
  readonly signals: (listener: (signal: string) => void) => () => void
}
export type Outcome = { readonly result: DeputyResult; readonly stdout: Buffer; readonly stderr: Buffer }

/** A spec as a shell of this user would exec it. */
export function specOf(argv: readonly string[], changes: Partial<RunSpec> = {}): RunSpec {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', PWD: '/tmp' }
  return { argv: [...argv], cwd: '/tmp', env, umask: 0o022, uid: 0, gid: 0, groups: [0], ...changes }
}

/** An input that has ended already. */
export function empty(): Readable {
  return new PassThrough().end()
}

/** Opens a scene, with something `around` its ticket gate where a test needs to be there; close it again. */
export async function openScene(around: (gate: TicketGate) => TicketGate = gate => gate): Promise<Scene> {
  const dir = mkdtempSync(join(tmpdir(), 'godwit-test-agent-'))
  const authority = createAuthority()
  const keys = await generateKeyPair('EdDSA')
  const facts: Fact[] = []
  const lines: string[] = []
  const tickets = createTicketGate(Date.now, openUsedTickets(join(dir, 'tickets'), Date.now))
  tickets.trust({ publicKeyPem: await exportSPKI(keys.publicKey), nodeId: NODE, bootId: BOOT })
  const cgroups = openCgroups(process.pid)
  const service = createExecService({
    address: '127.0.0.1',
    port: 0,
    cgroups,
    pipeDir: join(dir, 'pipes'),
    tickets: around(tickets),
    now: Date.now,
    log: createLineLog(line => lines.push(line), Date.now),
    onFact: fact => facts.push(fact),
  })
  const port = await service.listen(authority.issue(NODE, '127.0.0.1'))
  let runs = 0

  const grant = (spec: RunSpec, memoryBytes?: number): Promise<RunGrant> =>
    grantDigest(createHash('sha256').update(runSpecBytes(spec)).digest('hex'), memoryBytes)

  async function grantDigest(specSha256: string, memoryBytes?: number): Promise<RunGrant> {
    runs += 1
    const id = ProcessId.parse(`p-${runs.toString().padStart(10, '0')}`)
    const ticket = await new SignJWT({
      bootId: BOOT,
      specSha256,
      memoryBytes: memoryBytes ?? 0,
      memoryMaxBytes: null,
    })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer('godwit')
      .setSubject(NODE)
      .setJti(id)
      .setExpirationTime('30s')
      .sign(keys.privateKey)
    const node = { id: NODE, name: 'bar-tailed', address: Ipv4.parse('127.0.0.1'), port }
    const server = { hostBootId: '', netNamespace: '' }
    return { process: id, node, ticket, caPem: authority.caPem, server, reason: '' }
  }

  return {
    service,
    facts,
    lines,
    grant,
    grantDigest,
    async run(argv, home = {}) {
      const spec = specOf(argv, home.spec)
      const given = home.grant ?? (await grant(spec))
      const [stdout, stderr] = [new PassThrough(), new PassThrough()]
      const collected = [collect(stdout), collect(stderr)] as const
      const result = await runDeputy({
        grant: given,
        spec,
        connect: () => connectDirect(given, { timeoutMs: 5000 }),
        stdin: home.stdin ?? empty(),
        stdout,
        stderr,
        signals: home.signals ?? (() => () => undefined),
        ...(home.onEvent ? { onEvent: home.onEvent } : {}),
      })
      stdout.end()
      stderr.end()
      return { result, stdout: await collected[0], stderr: await collected[1] }
    },
    async close() {
      await service.close()
      cgroups.close()
      authority.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
