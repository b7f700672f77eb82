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
  /** The same for any command. */
  command(args: readonly string[]): Run
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
    kill: async (id, signal) => {
      const error = scene.service.kill(id, signal)
      if (error !== undefined) throw new GodwitError('GW_NODE_REFUSED', error)
    },
    output: async (id, asked) => {
      const output = await scene.outputs.read(id, asked)
      if (output === undefined) throw new GodwitError('GW_NO_OUTPUT', 'its node keeps no output of it')
      return output
    },
    relayTarget: () => undefined,
    log: silentLog,
  }
  const admin = await startAdmin(options)
  const command = (args: readonly string[]): Run => {
    const run = follow(spawn(GODWIT, ['--socket', socketPath, ...args]))
    runs.push(run)
    return run
  }
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
    start: args => command(['run', ...args]),
    command,
    async close() {
      for (const { child } of runs) child.kill('SIGKILL')
      await admin.close()
      await scene.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
