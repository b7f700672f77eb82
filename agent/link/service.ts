import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentHello, AgentMessage, OutputWanted, RunAnswered, Welcome } from '../../protocol/link.ts'
import type { Log } from '../../protocol/log.ts'
import type { Output } from '../../protocol/output.ts'
import type { People } from '../../protocol/people.ts'
import type { Parameters } from '../parameters.ts'
import { backOffMs } from './back-off.ts'
import { type Connection, openConnection } from './connection.ts'
import { type LinkAction, type LinkEvent, NEW_CONVERSATION, stepLink } from './conversation.ts'
import { greet } from './greeting.ts'
import { type Identity, lifeLeftMs, loadIdentity, saveCertificate } from './identity.ts'
import { paced } from './io/paced.ts'
import { renewAfterMs } from './renewal.ts'
import { fetchTrustedCa, tellMistrust } from './trust.ts'

/** What the link needs from the agent. */
export type LinkOptions = {
  readonly parameters: Parameters
  readonly runDir: string
  readonly log: Log
  readonly self: Pick<AgentHello, 'kernelBootId' | 'agentVersion'>
  /** A number in [0, 1), for the spread of reconnects. */
  readonly chance: () => number
  /** The next load report. */
  readonly report: () => AgentMessage
  /** Called on every welcome, before anything else is sent. */
  readonly onJoined: (welcome: Welcome, identity: Identity) => void
  /** The server's users, whenever they are told. */
  readonly onPeople: (people: People) => void
  /** Sends a signal to a process of ours; answers an error text when it could not. */
  readonly onKill: (id: string, signal: string) => string | undefined
  /** Reads the kept output of a process; `undefined` when there is none. */
  readonly onOutputAsked: (request: OutputWanted) => Promise<Output | undefined>
  /** The server answers a question for a place; `undefined`: no question that is open will be answered. */
  readonly onRunAnswer: (answer: RunAnswered | undefined) => void
}

/** The link to the server; it connects by itself, for ever, until closed. */
export type Link = {
  /** Tells the server something, now or after the next welcome. */
  tell(event: Extract<LinkEvent, { kind: 'stage' | 'hardware' | 'fact' | 'ask' }>): void
  /** Ends the link; resolves when its connection is gone. */
  close(): Promise<void>
}

/** Starts the link. It never throws: whatever goes wrong is logged, and tried again later. */
export function startLink(options: LinkOptions): Link {
  const { parameters, log } = options
  const ending = new AbortController()
  let conversation = NEW_CONVERSATION
  let identity: Identity | undefined
  let connection: Connection | undefined
  let reports: NodeJS.Timeout | undefined
  let renewal: NodeJS.Timeout | undefined
  let failures = 0
  // Each looks at all processes there are: a report for each of 200 starts at once would be all that this node does.
  const extraReports = paced(() => connection?.send(options.report()))

  function step(event: LinkEvent): void {
    const next = stepLink(conversation, event)
    conversation = next.conversation
    for (const action of next.actions) act(action)
  }

  function act(action: LinkAction): void {
    switch (action.kind) {
      case 'send':
        connection?.send(action.message)
        break
      case 'report':
        extraReports.ask()
        break
      case 'joined':
        joined(action.welcome)
        break
      case 'kill': {
        const { requestId, id, signal } = action.request
        const error = options.onKill(id, signal)
        connection?.send({ type: 'answer', requestId, ...(error === undefined ? {} : { error }) })
        break
      }
      case 'output-asked':
        void answerOutput(action.request, connection)
        break
      case 'run-answer':
        options.onRunAnswer(action.answer)
        break
      case 'no-answers':
        options.onRunAnswer(undefined)
        break
      case 'state':
        log.info({ state: action.state }, 'node state changed')
        break
      case 'people':
        options.onPeople(action.people)
        break
      case 'close':
        log.error({ code: action.code }, `the server refuses this node: ${action.reason}`)
        connection?.close()
    }
  }

  /** On the connection on which it was asked: on a later one the number would be another question's. */
  async function answerOutput(request: OutputWanted, asker: Connection | undefined): Promise<void> {
    const { requestId } = request
    try {
      const output = await options.onOutputAsked(request)
      const found = output === undefined ? { error: 'its node keeps no output of it' } : { output }
      asker?.send({ type: 'answer', requestId, ...found })
    } catch (error) {
      log.error({ error, process: request.id }, 'the output of a process cannot be read')
      asker?.send({ type: 'answer', requestId, error: (error as Error).message.slice(0, 500) })
    }
  }

  function joined(welcome: Welcome): void {
    if (!identity) return
    const { certificatePem } = welcome
    failures = 0
    if (certificatePem !== undefined) {
      identity = { ...identity, certificatePem }
      saveCertificate(options.runDir, certificatePem).catch((error: Error) =>
        log.error({ error }, 'certificate not kept: a restarted agent cannot join again in this boot'),
      )
    }
    clearInterval(reports)
    clearTimeout(renewal)
    // A new connection is how to renew: TLS shows one certificate for as long as a connection lives.
    if (identity.certificatePem !== undefined)
      renewal = setTimeout(() => connection?.close(), renewAfterMs(lifeLeftMs(identity.certificatePem)))
    reports = setInterval(() => connection?.send(options.report()), welcome.reportSeconds * 1000)
    log.info({ node: welcome.nodeId, name: welcome.name, state: welcome.state }, 'joined')
    options.onJoined(welcome, identity)
  }

  /** One connection from start to end; throws when it could not be made. */
  async function connectOnce(): Promise<void> {
    const { keyPem, certificatePem, publicKeyPem } = await (identity ?? loadIdentity(options.runDir))
    identity ??= { keyPem, certificatePem, publicKeyPem }
    const caPem = await fetchTrustedCa(parameters.server, parameters.http, parameters.ca)
    if (ending.signal.aborted) return
    const peer = { address: parameters.server, port: parameters.api, caPem, keyPem, certificatePem }
    const self = { ...options.self, publicKeyPem, certified: certificatePem !== undefined }
    const error = await new Promise<Error | undefined>(resolve => {
      connection = openConnection(peer, {
        onOpen: () => step({ kind: 'connected', hello: greet(parameters, self) }),
        onMessage: message => step({ kind: 'received', message }),
        onGarbage: reason => log.error({ code: 'GW_BAD_MESSAGE', reason }, 'message from the server dropped'),
        onClosed: resolve,
      })
    })
    clearInterval(reports)
    clearTimeout(renewal)
    step({ kind: 'closed' })
    if (error) throw error
  }

  async function keepConnected(): Promise<void> {
    while (!ending.signal.aborted) {
      const outcome = await connectOnce().catch((error: Error & { readonly code?: string }) => error)
      if (ending.signal.aborted) return
      failures += 1
      const waitMs = backOffMs(failures, options.chance())
      if (outcome?.code === 'GW_PEER_UNTRUSTED' && failures === 1) tellMistrust(parameters, outcome.message)
      if (outcome)
        log.error({ error: outcome, code: outcome.code, failures, waitMs }, 'no link to the server')
      else log.warn({ failures, waitMs }, 'link closed')
      await sleep(waitMs, undefined, { signal: ending.signal }).catch(() => undefined)
    }
  }

  const running = keepConnected()
  return {
    tell: step,
    async close() {
      ending.abort()
      extraReports.stop()
      connection?.terminate()
      await running
    },
  }
}
