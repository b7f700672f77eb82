import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { baseFolder, cgroupMount, ownCgroup } from './cgroup-paths.ts'

const WANTED = ['cpu', 'memory', 'pids'] as const
/**
 * The largest cpu.weight, for the agent itself. It needs little, but at once: among thirty JVMs that start on an old
 * processor it was silent for 12 s with an equal share, and homes gave the node up.
 */
const FIRST_WEIGHT = '10000'

/** Where cgroups for our processes can be made; `lacking` names what this host cannot do, for people. */
export type Cgroups = {
  readonly base: string | undefined
  readonly lacking: readonly string[]
  /** Most tasks (threads of all its processes) that one of them may have: none may leave the node without any. */
  readonly pidsMax: number
  /** Removes what {@link openCgroups} made. */
  close(): void
}

/** Prepares the base folder and its controllers. Never throws: a host without cgroups runs processes without. */
export function openCgroups(pid: number): Cgroups {
  const pidsMax = Math.floor(tasksOfNode() / 2)
  const none = (reason: string): Cgroups => ({
    base: undefined,
    lacking: [reason],
    pidsMax,
    close: () => undefined,
  })
  const mount = cgroupMount(readText('/proc/self/mountinfo'))
  const own = ownCgroup(readText('/proc/self/cgroup'))
  if (mount === undefined || own === undefined)
    return none('no cgroup v2: no memory limits, orphans can survive')
  const { path, delegated } = baseFolder(mount, own, pid)
  try {
    if (!delegated) mkdirSync(path)
    writeFileSync(join(path, 'cgroup.subtree_control'), '')
  } catch (error) {
    return none(`no cgroup may be made (${(error as Error).message}): no memory limits, orphans can survive`)
  }
  const lacking = WANTED.filter(name => !enable(path, name)).map(name => `no ${name} controller in ${path}`)
  if (delegated) tryWrite(join(path, 'agent', 'cpu.weight'), FIRST_WEIGHT)
  sweep(path)
  return { base: path, lacking, pidsMax, close: () => (delegated ? undefined : removeFolder(path)) }
}

/** Kills everything in `folder`, forks in progress included (cgroup.kill, Linux 5.14). */
export function killCgroup(folder: string): void {
  if (tryWrite(join(folder, 'cgroup.kill'), '1')) return
  for (const pid of cgroupPids(folder)) tryKill(pid, 'SIGKILL')
}

/** Sends `signal` to every process in `folder`. */
export function signalCgroup(folder: string, signal: NodeJS.Signals): void {
  for (const pid of cgroupPids(folder)) tryKill(pid, signal)
}

/** The processes in `folder`; none when it is gone. */
export function cgroupPids(folder: string): readonly number[] {
  return readText(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number)
}

/** Removes an empty cgroup; answers whether it is gone. The kernel refuses while a killed process still exits. */
export function removeFolder(folder: string): boolean {
  if (!existsSync(folder)) return true
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

/** The text of a cgroup file, '' where the kernel has none. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Tasks that the kernel will have at once, proc_sys_kernel(5); where it does not say, as many as PIDs of old. */
function tasksOfNode(): number {
  const limits = ['pid_max', 'threads-max'].map(name => Number(readText(`/proc/sys/kernel/${name}`)))
  return Math.min(...limits.map(limit => limit || 32_768))
}

function enable(folder: string, controller: string): boolean {
  tryWrite(join(folder, 'cgroup.subtree_control'), `+${controller}`)
  return readText(join(folder, 'cgroup.subtree_control')).split(/\s+/).includes(controller)
}

/** Ends what an agent that crashed has left: nobody can speak to those processes any more. */
function sweep(base: string): void {
  for (const name of readdirSync(base).filter(entry => entry.startsWith('p-'))) {
    killCgroup(join(base, name))
    removeFolder(join(base, name))
  }
}

function tryWrite(path: string, text: string): boolean {
  try {
    writeFileSync(path, text)
    return true
  } catch {
    return false
  }
}

function tryKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}
