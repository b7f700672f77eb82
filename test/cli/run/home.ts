import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunGrant, RunRequest } from '../../../protocol/admin.ts'
import { GodwitError } from '../../../protocol/errors.ts'
import type { ProcessRecord } from '../../../protocol/process.ts'
import { type AdminOptions, startAdmin } from '../../../server/http/admin-service.ts'
import { follow, openScene, type Run, type Scene } from '../../agent/scene.ts'
import { silentLog } from '../../fakes/silent-log.ts'

/** The real command line, as `bin` in package.json has it. */
export const GODWIT = fileURLToPath(new URL('../../../cli/godwit.js', import.meta.url))

/** What a run told about a node that did not take it. */
export type ToldRefusal = { readonly code: string; readonly message: string }

/** A real agent and a real admin API whose placement is the test's. */
export type RunHome = {
  readonly scene: Scene
  readonly socketPath: string
  readonly refusals: readonly ToldRefusal[]
  /** What answers the next requests for a place; the scene's own node by default. */
  place(answer: (request: RunRequest) => Promise<RunGrant>): void
  /** What the server says of a process; GW_NODE_UNKNOWN by default. */
  tell(record: (id: string) => ProcessRecord): void
  /** `godwit run ...` with its streams as pipes; standard input stays open until somebody ends it. */
  start(args: readonly string[]): Run
  close(): Promise<void>
}

/** Opens a home; close it again. */
export async function openRunHome(): Promise<RunHome> {
  const scene = await openScene()
  const dir = mkdtempSync(join(tmpdir(), 'godwit-test-run-'))
  const socketPath = join(dir, 'admin.sock')
  const refusals: ToldRefusal[] = []
  const runs: Run[] = []
  const own = (request: RunRequest) => scene.grantDigest(request.specSha256)
  let place = own
  let record: ((id: string) => ProcessRecord) | undefined
  const no = () => Promise.reject(new GodwitError('GW_NODE_UNKNOWN', 'not in this test'))
  const options: AdminOptions = {
    socketPath,
    status: () => {
      throw new GodwitError('GW_NODE_UNKNOWN', 'not in this test')
    },
    nodes: () => [],
    node: () => undefined,
    timeline: no,
    approve: no,
    drain: no,
    mintBoot: no,
    run: request => place(request),
    refused: async (_id, code, message) => void refusals.push({ code, message }),
    processes: no,
    process: async id => record?.(id) ?? no(),
    why: no,
    histories: () => [],
    forgetHistory: no,
    kill: no,
    relayTarget: () => undefined,
    log: silentLog,
  }
  const admin = await startAdmin(options)
  return {
    scene,
    socketPath,
    refusals,
    place: answer => {
      place = answer
    },
    tell: told => {
      record = told
    },
    start(args) {
      const run = follow(spawn(GODWIT, ['--socket', socketPath, 'run', ...args]))
      runs.push(run)
      return run
    },
    async close() {
      for (const { child } of runs) child.kill('SIGKILL')
      await admin.close()
      await scene.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
