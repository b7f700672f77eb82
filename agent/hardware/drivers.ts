import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** Emulated machines on a busy host were seen to need six seconds. */
const LIMIT_MS = 20_000
const POLL_MS = 300
/** systemctl's word for a unit that has not run yet (LSB: program is not running). */
const NOT_YET = 3

/**
 * Resolves when udev has gone through all devices: the agent starts before that, so drivers of disks may be missing.
 * Only asks and waits; where there is no systemd or udev there is nothing to wait for.
 */
export async function driversLoaded(): Promise<void> {
  const untilMs = Date.now() + LIMIT_MS
  while ((await run('systemctl', ['is-active', '--quiet', 'systemd-udev-trigger.service'])) === NOT_YET) {
    if (Date.now() > untilMs) return
    await sleep(POLL_MS)
  }
  await run('udevadm', ['settle', `--timeout=${LIMIT_MS / 1000}`])
}

/** Exit status of a program; -1 when it could not be run or did not end in time. */
function run(program: string, args: readonly string[]): Promise<number> {
  return new Promise(resolve => {
    execFile(program, [...args], { timeout: LIMIT_MS }, error => {
      resolve(error === null ? 0 : typeof error.code === 'number' ? error.code : -1)
    })
  })
}
