import { readlink } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { LabFailure } from '../failure.ts'
import { type Child, startChild } from '../io/child.ts'
import { runIp } from '../io/ip.ts'
import type { LabPaths } from '../paths.ts'
import { routerArgv, routerCable } from '../router.ts'

const START_LIMIT_MS = 10_000

/** Starts the LAN's router and plugs it in. Throws LabFailure `machine-failed` when it does not run. */
export async function startRouter(paths: LabPaths, env: Record<string, string | undefined>): Promise<Child> {
  const log = `${paths.logDir}/router.log`
  const router = await startChild(routerArgv(`${paths.machineDir}/router.leases`), log, env)
  if (!(await hasOwnNetwork(router))) {
    throw new LabFailure('machine-failed', "The lab's router did not start", `See ${log}`)
  }
  await runIp(routerCable(router.id.pid))
  return router
}

/** A cable plugged in before the process has left our namespace would stay in ours. */
async function hasOwnNetwork({ id, gone }: Child): Promise<boolean> {
  const ours = await readlink('/proc/self/ns/net')
  for (let waitedMs = 0; waitedMs < START_LIMIT_MS && !gone.aborted; waitedMs += 20) {
    const theirs = await readlink(`/proc/${id.pid}/ns/net`).catch(() => ours)
    if (theirs !== ours) return true
    await delay(20)
  }
  return false
}
