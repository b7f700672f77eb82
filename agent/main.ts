import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { AgentMessage } from '../protocol/link.ts'
import { VERSION } from '../protocol/version.ts'
import { nativeProgram } from '../streams/io/native.ts'
import { userDatabaseReader } from '../streams/io/users.ts'
import { createInPlace } from './door/io/in-place.ts'
import { openHome } from './door/service.ts'
import { openCgroups } from './exec/cgroup.ts'
import { startKeeper } from './exec/io/keeper.ts'
import { ticketCrypto } from './exec/io/ticket-crypto.ts'
import { openUsedTickets } from './exec/io/used-tickets.ts'
import { createExecService } from './exec/service.ts'
import { createTicketGate } from './exec/ticket.ts'
import { probeHardware } from './hardware/probe.ts'
import { measureSpeed } from './hardware/speed.ts'
import { translateHardware } from './hardware/translate.ts'
import { readHome } from './home/io/read.ts'
import { tellSoonOver } from './link/io/soon-over.ts'
import { type Link, startLink } from './link/service.ts'
import { createLoadReader } from './load/read.ts'
import { createLineLog } from './log.ts'
import { createOutputs } from './output/io/outputs.ts'
import { parseParameters } from './parameters.ts'
import { EXTRA_USERS_DIR, writeUsers } from './users/io/write.ts'

const startedAtMs = Date.now()
const runDir = process.env['GODWIT_AGENT_RUN'] ?? '/run/godwit'
/** An agent that is only tried out, its files elsewhere, leaves the machine's users alone. */
const usersDir = process.env['GODWIT_AGENT_RUN'] === undefined ? EXTRA_USERS_DIR : join(runDir, 'users')
const log = createLineLog(line => process.stderr.write(line), Date.now)

/** Composes the agent: parameters, link, exec service, hardware. It runs until SIGTERM. */
function main(): void {
  const read = parseParameters(readFileSync(process.env['GODWIT_AGENT_CMDLINE'] ?? '/proc/cmdline', 'utf8'))
  if (read.kind === 'bad') {
    for (const problem of read.problems) log.error({ code: 'GW_CONFIG_INVALID' }, problem)
    process.exitCode = 2
    return
  }
  const { parameters } = read
  const kernelBootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  const cgroups = openCgroups(process.pid)
  for (const lack of cgroups.lacking) log.warn({ lack }, 'this host lacks something')

  const readLoad = createLoadReader(Date.now)
  let hardwareAsked = false
  let nodeName = ''
  let nodeId: string | undefined
  let seq = 0
  const report = (): AgentMessage => {
    seq += 1
    const processes = [...exec.running(), ...inPlace.running()].map(process => ({
      id: process.id,
      pid: process.pid,
      startedAtMs: process.startedAtMs,
      usage: process.usage(),
    }))
    const home = readHome(parameters.home)
    return { type: 'report', seq, load: readLoad(), processes, ...(home === undefined ? {} : { home }) }
  }

  const tickets = createTicketGate(Date.now, openUsedTickets(join(runDir, 'tickets'), Date.now), ticketCrypto)
  const outputs = createOutputs(join(runDir, 'output'), Date.now, log)
  const exec = createExecService({
    address: parameters.ip.address,
    port: parameters.agent,
    cgroups,
    keeper: startKeeper({
      program: nativeProgram('keeper', process.env),
      socketPath: join(runDir, 'keeper.sock'),
      log,
    }),
    users: userDatabaseReader(),
    nodeName: () => nodeName,
    tickets,
    outputs,
    now: Date.now,
    log,
    onFact: fact => facts.tell(fact),
  })
  const facts = tellSoonOver(fact => link.tell({ kind: 'fact', fact }))
  const inPlace = createInPlace({ now: Date.now, onFact: facts.tell })
  const link = startLink({
    parameters,
    runDir,
    log,
    self: { kernelBootId, agentVersion: VERSION },
    chance: Math.random,
    report,
    onKill: (id, signal) => (inPlace.has(id) ? inPlace.kill(id, signal) : exec.kill(id, signal)),
    onOutputAsked: ({ id, from, waitMs }) => outputs.read(id, { from, waitMs }),
    onRunAnswer: answer => home.answered(answer),
    onPeople: people => writeUsers(people, usersDir, log),
    onJoined(welcome, identity) {
      const { keyPem, certificatePem } = identity
      nodeName = welcome.name
      nodeId = welcome.nodeId
      if (!hardwareAsked) void tellHardware(link.tell)
      hardwareAsked = true
      tickets.trust({
        key: Buffer.from(welcome.ticketKey, 'base64url'),
        nodeId: welcome.nodeId,
        bootId: kernelBootId,
      })
      if (certificatePem === undefined) return
      exec.listen({ keyPem, certificatePem }).catch((error: Error) => {
        log.error({ error, port: parameters.agent }, 'agent port not open: no process can be started here')
      })
    },
  })
  const home = openHome({
    runDir,
    send: message => link.tell({ kind: 'ask', message }),
    inPlace,
    nodeId: () => nodeId,
    log,
  })
  link.tell({ kind: 'stage', stage: { type: 'stage', stage: 'agent-start', atMs: startedAtMs } })

  const stop = (): void => {
    log.info({}, 'ending every process, then leaving')
    leave().catch((error: Error) => log.error({ error }, 'not left in order'))
  }
  const leave = async (): Promise<void> => {
    await home.close()
    inPlace.close()
    await exec.close()
    facts.stop()
    await link.close()
    cgroups.close()
    process.exit(0)
  }
  // A journal that restarts breaks the pipe; that must not take every process of this node along.
  process.stderr.on('error', () => undefined)
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

/** Time until the hardware is read again after a failure, which so far was always a machine too busy to be measured. */
const HARDWARE_RETRY_MS = 15_000

/**
 * Hardware and speed come after the join: systeminformation starts programs and waits for them, on one thread. Until
 * they are told the node is not ready, so this goes on until it has worked.
 */
async function tellHardware(tell: Link['tell']): Promise<void> {
  for (;;) {
    try {
      const hardware = translateHardware(await probeHardware())
      const speed = await measureSpeed()
      log.info({ ...speed, missingTools: hardware.missingTools }, 'hardware read, speed measured')
      return tell({ kind: 'hardware', hardware, speed })
    } catch (error) {
      log.error({ error, retryMs: HARDWARE_RETRY_MS }, 'hardware not read, trying again')
      await delay(HARDWARE_RETRY_MS)
    }
  }
}

main()
