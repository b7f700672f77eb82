import { hostname } from 'node:os'
import type { RunAnswered, RunAsked, RunGivenUp, RunRefused } from '../../protocol/link.ts'
import type { Log } from '../../protocol/log.ts'
import type { PlaceAnswer } from '../../streams/door-session.ts'
import { connectDirect } from '../../streams/io/connect.ts'
import { type Doors, openDoors } from '../../streams/io/doors.ts'
import { createLinks } from '../../streams/io/link-client.ts'
import { LINK_TIME } from '../../streams/io/link-time.ts'
import { watchUserDatabase } from '../../streams/io/users.ts'
import { type AskedRun, isShim } from '../../streams/request.ts'
import { runRequest } from '../../streams/run-request.ts'
import type { InPlace } from './io/in-place.ts'
import { createQuestions } from './questions.ts'

/** How long the way to another node may take: all nodes of a cluster are on one network. */
const CONNECT_TIMEOUT_MS = 3000
/** Longest reason the server's record takes, UTF-16 units. */
const RECORDED_MESSAGE_MAX = 500

/** What this node's doors need from the agent. */
export type HomeOptions = {
  readonly runDir: string
  /** Brings a message to the server, or answers `undefined` to `answered` when there is no connection. */
  readonly send: (message: RunAsked | RunGivenUp | RunRefused) => void
  /** Takes what is left where it was typed. */
  readonly inPlace: Pick<InPlace, 'begin'>
  /** This node's id, once it has joined. */
  readonly nodeId: () => string | undefined
  readonly log: Log
}

/** This node as home: where its people's programs come from. */
export type NodeHome = {
  /** The server answers a question; `undefined` when no open one will be answered. */
  answered(answer: RunAnswered | undefined): void
  close(): Promise<void>
}

/** Opens the doors of this node. It never throws: without doors, programs run where they are typed. */
export function openHome({ runDir, send, inPlace, nodeId, log }: HomeOptions): NodeHome {
  const questions = createQuestions(send)
  const links = createLinks({
    connect: (grant, signal) => connectDirect(grant, { timeoutMs: CONNECT_TIMEOUT_MS, signal }),
    time: LINK_TIME,
    log,
  })
  const doors: Promise<Doors | undefined> = openDoors({
    runDir,
    watchUsers: watchUserDatabase,
    links,
    log,
    place({ run, specSha256, after }, answer) {
      const question = runRequest(run, specSha256, hostname(), after)
      if (question.kind === 'no-place') {
        answer(question)
        return () => undefined
      }
      return questions.ask(question.request, given => answer(isShim(run) ? homeIfHere(run, given) : given))
    },
    async refused(grant, { code, message }) {
      send({ type: 'run-refused', id: grant.process, code, message: message.slice(0, RECORDED_MESSAGE_MAX) })
    },
  }).catch((error: Error) => {
    log.error({ error, runDir }, 'no doors here: programs run where they are typed')
    return undefined
  })

  /** Chosen was this very node: then nothing need stand between the shell and the program. */
  function homeIfHere({ pid, claim }: AskedRun, answer: PlaceAnswer): PlaceAnswer {
    if (answer.kind !== 'grant' || answer.grant.node.id !== nodeId()) return answer
    const { process } = answer.grant
    if (pid === undefined || !inPlace.begin(process, pid, claim.uid))
      send({
        type: 'run-refused',
        id: process,
        code: 'GW_NODE_REFUSED',
        message: 'it runs where it was typed',
      })
    return { kind: 'home', reason: 'this node is the best for it' }
  }

  return {
    answered: questions.answered,
    async close() {
      links.close()
      await (await doors)?.close()
    },
  }
}
