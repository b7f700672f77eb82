/**
 * The words before a command that give it the lab's own network (and mount) namespace. Root just makes them;
 * anybody else first becomes root of a user namespace, where the kernel lets him.
 */
export function unshareArgv(userNamespace: boolean): readonly string[] {
  const user = userNamespace ? ['--user', '--map-root-user'] : []
  return ['unshare', ...user, '--net', '--mount', '--']
}

/**
 * The argument vector that runs `argv` in the network namespace that the process `netnsPid` lives in. The mount
 * namespace is not entered: files, and the working directory, are the same in both.
 */
export function enterArgv(
  netnsPid: number,
  userNamespace: boolean,
  argv: readonly string[],
): readonly string[] {
  const user = userNamespace ? ['--user', '--preserve-credentials'] : []
  return ['nsenter', '--target', `${netnsPid}`, ...user, '--net', '--', ...argv]
}
