/**
 * The start of a command line that acts as root over files: nothing more than `unshare` for root, a user namespace for
 * anybody else. There root is the user, so what it makes is the user's, and every other id comes from the user's range
 * in /etc/subuid (util-linux 2.38 and newer).
 */
export function asRootArgv(isRoot: boolean): readonly [string, ...string[]] {
  return isRoot ? ['unshare'] : ['unshare', '--map-root-user', '--map-auto']
}
