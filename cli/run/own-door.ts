import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import type { ProcessId } from '../../config/values/node-id.ts'
import type { RunGrant } from '../../protocol/admin.ts'
import { GodwitError } from '../../protocol/errors.ts'
import type { Log } from '../../protocol/log.ts'
import type { PlaceAnswer } from '../../streams/door-session.ts'
import { type DoorOptions, type PlaceQuestion, serveDeputy } from '../../streams/io/door.ts'
import type { Links } from '../../streams/io/link-client.ts'
import type { Refusal } from '../../streams/refusal.ts'
import { runRequest } from '../../streams/run-request.ts'
import type { AdminClient } from '../admin-client.ts'
import { askPlace } from './ask-place.ts'

/** Longest reason the server's record takes, UTF-16 units. */
const RECORDED_MESSAGE_MAX = 500

/** What the door of one run needs. */
export type OwnDoorOptions = Pick<DoorOptions, 'onFrame' | 'onDeputyFrame'> & {
  readonly client: AdminClient
  /** The process whose program is started again. */
  readonly rerunOf: ProcessId | undefined
  readonly links: Links
  readonly onRefused: (grant: RunGrant, refusal: Refusal) => void
  readonly log: Log
}

/** A door for one run. */
export type OwnDoor = { readonly path: string; close(): void }

/**
 * A door that only this program's own deputy knows. It asks the server for a place, but lives here, so that a run goes
 * on when the server is killed.
 */
export async function openOwnDoor(options: OwnDoorOptions): Promise<OwnDoor> {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-run-'))
  chmodSync(folder, 0o700)
  const path = join(folder, 'run.sock')
  const server = createServer(socket => {
    server.close() // one deputy, and no other
    serveDeputy(socket, () => ({ kind: 'fits' }), { ...options, ...recordOptions(options) })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  return {
    path,
    close() {
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function recordOptions({
  client,
  onRefused,
  rerunOf,
}: OwnDoorOptions): Pick<DoorOptions, 'place' | 'refused'> {
  return {
    place(question, answer) {
      void askServer(client, question, rerunOf, message => answer({ kind: 'waiting', message })).then(answer)
      return () => undefined // this program ends with its deputy, and its connection to the server with it
    },
    async refused(grant, refusal) {
      onRefused(grant, refusal)
      const { code, message } = refusal
      const body = { code, message: message.slice(0, RECORDED_MESSAGE_MAX) }
      await client.post(`/v1/processes/${grant.process}/refused`, body, z.unknown())
    },
  }
}

async function askServer(
  client: AdminClient,
  question: PlaceQuestion,
  rerunOf: ProcessId | undefined,
  onWaiting: (message: string) => void,
): Promise<PlaceAnswer> {
  const { run, specSha256, after } = question
  try {
    const asked = runRequest(run, specSha256, hostname(), after)
    if (asked.kind === 'no-place') return asked
    const request = { ...asked.request, ...(rerunOf === undefined ? {} : { rerunOf }) }
    return { kind: 'grant', grant: await askPlace(client, request, onWaiting) }
  } catch (error) {
    if (!(error instanceof GodwitError)) throw error
    const details = Array.isArray(error.cause) ? error.cause.map(String) : []
    return { kind: 'no-place', code: error.code, message: error.message, details }
  }
}
