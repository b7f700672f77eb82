/** The unified (v2) cgroup of a process from its /proc/PID/cgroup, e.g. `/system.slice/x.service/agent`. */
export function ownCgroup(procCgroup: string): string | undefined {
  return /^0::(\/.*)$/m.exec(procCgroup)?.[1]
}

/** Where cgroup v2 is mounted, from /proc/self/mountinfo (proc_pid_mountinfo(5): type follows the lone dash). */
export function cgroupMount(mountinfo: string): string | undefined {
  const line = mountinfo.split('\n').find(text => / - cgroup2 /.test(text))
  return line?.split(' ')[4]
}

/**
 * The folder our processes' cgroups live in. Under systemd with `DelegateSubgroup=agent` that is the service's own,
 * one above ours (only leaves may hold processes); elsewhere a folder under the one we are in.
 */
export function baseFolder(
  mount: string,
  own: string,
  pid: number,
): { readonly path: string; readonly delegated: boolean } {
  const here = `${mount}${own === '/' ? '' : own}`
  return own.endsWith('/agent')
    ? { path: here.slice(0, -'/agent'.length), delegated: true }
    : { path: `${here}/godwit-agent-${pid}`, delegated: false }
}
