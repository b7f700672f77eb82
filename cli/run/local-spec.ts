import type { RunSpec } from '../../protocol/run-spec.ts'

/** Variables that name something only this machine has: a display, a local socket. */
const HOME_BOUND = new Set([
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'SSH_AUTH_SOCK',
  'SSH_CONNECTION',
  'SSH_CLIENT',
  'SSH_TTY',
  'DBUS_SESSION_BUS_ADDRESS',
])

/** What exec would get if `command` ran here and now: arguments, folder, environment, umask, user and groups. */
export function localSpec(command: readonly string[]): RunSpec {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !HOME_BOUND.has(entry[0]),
    ),
  )
  return {
    argv: [...command],
    cwd: process.cwd(),
    env,
    umask: process.umask(),
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    groups: process.getgroups?.() ?? [],
  }
}
