import type { HomeState } from '../../protocol/home.ts'

/** Longest reason that a report carries. */
const REASON_MAX_CHARS = 300

/**
 * Whether `folder` is mounted by NFS, from /proc/self/mountinfo (proc_pid_mountinfo(5): the fifth word is the mount
 * point, the type follows the lone dash), and if not, what the unit that mounts it said last.
 */
export function homeState(folder: string, mountinfo: string, problem: string): HomeState {
  const isMounted = mountinfo.split('\n').some(line => {
    const words = line.split(' ')
    return words[4] === folder && words[words.indexOf('-') + 1]?.startsWith('nfs') === true
  })
  if (isMounted) return { folder, state: 'mounted' }
  const reason = problem.trim().replace(/\s+/g, ' ').slice(0, REASON_MAX_CHARS)
  return { folder, state: 'absent', reason: reason === '' ? 'not mounted yet' : reason }
}
