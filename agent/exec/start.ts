import { geteuid } from 'node:process'
import type { RefusedPayload } from '../../protocol/frames.ts'
import type { RunSpec } from '../../protocol/run-spec.ts'
import type { TicketClaims } from '../../protocol/ticket.ts'
import { readMemory } from '../load/read.ts'
import { admit } from './admission.ts'
import { createCgroup, removeFolder } from './cgroup.ts'
import { type Containment, contain } from './containment.ts'
import type { PipeMaker, Pipes } from './pipes.ts'
import { findProgram, isFolder } from './program.ts'
import { type Spawned, spawnWhole } from './spawn.ts'
import { startCommand } from './start-command.ts'

/** A process that runs, with all there is to hold it by; `cwd` is where it really started. */
export type Started = {
  readonly kind: 'started'
  readonly spawned: Spawned
  readonly pipes: Pipes
  readonly containment: Containment
  readonly cwd: string
}

/** A process that runs, or the reason why nothing was started. */
export type StartOutcome = Started | { readonly kind: 'refused'; readonly refusal: RefusedPayload }

/** Where processes are started. */
export type StartPlace = { readonly cgroupBase: string | undefined; readonly pipes: PipeMaker }

/** From a valid ticket to a running process. Whatever is wrong is found out before exec where it can be. */
export async function startProcess(
  asked: RunSpec,
  claims: TicketClaims,
  place: StartPlace,
): Promise<StartOutcome> {
  const admission = admit({ ...readMemory(), memoryBytes: claims.memoryBytes })
  if (admission.kind === 'refused')
    return refused('GW_NODE_REFUSED', 'refused', `${admission.reason}: ${admission.detail}`)
  const spec = (await isFolder(asked.cwd)) ? asked : elsewhere(asked)
  const program = await findProgram(spec)
  if (program.kind === 'not-found') return refused('GW_EXEC_NOT_FOUND', 'not-found', program.message)
  if (program.kind === 'not-executable') return refused('GW_EXEC_FAILED', 'not-executable', program.message)
  try {
    return await spawnIn(spec, claims, place)
  } catch (error) {
    return refused('GW_EXEC_FAILED', 'refused', (error as Error).message)
  }
}

/**
 * Until homes are shared, a folder of home need not exist here. The process starts in `/` then, its deputy is told,
 * and PWD does not name a folder that is not there.
 */
function elsewhere(spec: RunSpec): RunSpec {
  const { PWD: _gone, OLDPWD: _old, ...env } = spec.env
  return { ...spec, cwd: '/', env: { ...env, PWD: '/' } }
}

async function spawnIn(spec: RunSpec, claims: TicketClaims, place: StartPlace): Promise<Started> {
  const pipes = await place.pipes.make(spec)
  let folder: string | undefined
  try {
    if (place.cgroupBase !== undefined)
      folder = createCgroup(place.cgroupBase, claims.jti, claims.memoryMaxBytes)
    const spawned = await spawnWhole(startCommand(spec, folder, geteuid?.() === 0), pipes)
    return { kind: 'started', spawned, pipes, containment: contain(spawned.pid, folder), cwd: spec.cwd }
  } catch (error) {
    pipes.release()
    if (folder !== undefined) removeFolder(folder)
    throw error
  }
}

function refused(code: string, kind: RefusedPayload['kind'], message: string): StartOutcome {
  return { kind: 'refused', refusal: { code, kind, message } }
}
