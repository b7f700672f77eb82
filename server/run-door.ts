import { hostname } from 'node:os'
import { join } from 'node:path'
import { connectDirect } from '../streams/io/connect.ts'
import { type Doors, openDoors } from '../streams/io/doors.ts'
import { createLinks } from '../streams/io/link-client.ts'
import { LINK_TIME } from '../streams/io/link-time.ts'
import { watchUserDatabase } from '../streams/io/users.ts'
import { placeAnswer } from '../streams/place-answer.ts'
import { runRequest } from '../streams/run-request.ts'
import type { RunPlaces } from './cluster/run-desk.ts'
import type { House } from './house.ts'

/** How long the way to a node may take. */
const CONNECT_TIMEOUT_MS = 3000
/** Where an installed server's doors are; deputies look there by themselves. */
const INSTALLED_STATE_DIR = '/var/lib/godwit'
const INSTALLED_RUN_DIR = '/run/godwit'

/**
 * Opens the server's own doors, so that a shim on its host runs on the nodes. A server without doors (no right to make
 * them, or another one holds them) serves all the same.
 */
export async function openServerDoors(
  { log, paths }: Pick<House, 'log' | 'paths'>,
  places: RunPlaces,
): Promise<{ close(): Promise<void> }> {
  const runDir = process.env['GODWIT_RUN'] ?? runDirOf(paths.stateDir)
  const links = createLinks({
    connect: (grant, signal) => connectDirect(grant, { timeoutMs: CONNECT_TIMEOUT_MS, signal }),
    time: LINK_TIME,
    log,
  })
  const doors: Doors | undefined = await openDoors({
    runDir,
    watchUsers: watchUserDatabase,
    links,
    log,
    place({ run, specSha256, after }, answer) {
      const question = runRequest(run, specSha256, hostname(), after)
      if (question.kind === 'request')
        return places.place(question.request, verdict => answer(placeAnswer(verdict)))
      answer(question)
      return () => undefined
    },
    refused: (grant, { code, message }) => places.refused(grant.process, code, message),
  }).catch((error: Error) => {
    log.warn({ runDir, error: error.message }, 'no doors here: programs run where they are typed')
    return undefined
  })
  return {
    async close() {
      links.close()
      await doors?.close()
    },
  }
}

function runDirOf(stateDir: string): string {
  return stateDir === INSTALLED_STATE_DIR ? INSTALLED_RUN_DIR : join(stateDir, 'run')
}
