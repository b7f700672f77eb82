/** One descriptor that the service manager passed on. */
export type InheritedSocket = { readonly fd: number; readonly name: string }

/** The first descriptor that is passed on (`SD_LISTEN_FDS_START`). */
const FIRST_FD = 3

/**
 * The descriptors systemd passed to the process `pid`, after sd_listen_fds_with_names(3): `LISTEN_FDS` of them from 3
 * on, named by `LISTEN_FDNAMES`, when `LISTEN_PID` means us. Anything else is no descriptors at all.
 */
export function inheritedSockets(
  environment: Readonly<Record<string, string | undefined>>,
  pid: number,
): readonly InheritedSocket[] {
  const { LISTEN_PID, LISTEN_FDS = '', LISTEN_FDNAMES = '' } = environment
  if (LISTEN_PID !== String(pid) || !/^\d{1,4}$/.test(LISTEN_FDS)) return []
  const names = LISTEN_FDNAMES.split(':')
  return Array.from({ length: Number(LISTEN_FDS) }, (_, index) => ({
    fd: FIRST_FD + index,
    name: names[index] ?? '',
  }))
}
