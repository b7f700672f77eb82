import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { frameBytes, taggedBytes } from './frame-bytes.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Where cgroup v2 may be: alone, or beside the first version. */
const CGROUP_MOUNTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']

/** What a test may do with a door: the launch frame's fields, and words to the deputy before the start. */
export type RelayOptions = {
  readonly launch?: readonly string[]
  /** Answers the deputy instead of a keeper: these frames, then the end of the connection. */
  readonly answer?: readonly Uint8Array[]
}

/** Keeper, door and a wire between them, in a folder of their own. */
export type Relay = {
  readonly folder: string
  readonly door: string
  readonly deputy: string
  /** Folder of the cgroups, where this machine has cgroup v2. */
  readonly cgroups: string | undefined
  readonly keeperPid: number
  /** Connections of now; destroying one is what the loss of a node looks like. */
  readonly wires: ReadonlySet<{ readonly deputy: Socket; readonly keeper: Socket }>
  close(): Promise<void>
}

/** Builds both programs; a second time it does nothing. */
export function buildNative(): string {
  const out = join(ROOT, '.godwit', 'native')
  execFileSync(join(ROOT, 'native', 'build'), [out], { stdio: ['ignore', 'ignore', 'inherit'] })
  return out
}

/** Why the native programs cannot be tried here, or `undefined`. */
export function whyNoNative(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'the keeper changes users and makes cgroups: root only'
}

/** A keeper of its own and a door that leads there; deputies find it by `GODWIT_RUN`. */
export async function openRelay(options: RelayOptions = {}): Promise<Relay> {
  const out = buildNative()
  const folder = mkdtempSync(join(tmpdir(), 'godwit-native-'))
  const keeperSocket = join(folder, 'keeper.sock')
  const keeper = spawn(join(out, 'godwit-keeper'), ['--listen', keeperSocket], { stdio: 'inherit' })
  await until(() => existsSync(keeperSocket))
  const doorFolder = join(folder, 'users', `${process.getuid?.() ?? 0}`)
  mkdirSync(doorFolder, { recursive: true })
  const door = join(doorFolder, 'run.sock')
  const cgroups = makeCgroups()
  const wires = new Set<{ deputy: Socket; keeper: Socket }>()
  let count = 0
  const server = createServer({ allowHalfOpen: true }, deputy => {
    deputy.on('error', () => undefined)
    deputy.write(frameBytes(37))
    if (options.answer !== undefined) {
      for (const bytes of options.answer) deputy.write(bytes)
      deputy.end()
      deputy.resume()
      return
    }
    count += 1
    const cgroup = cgroups === undefined ? [] : [`c${join(cgroups, `p-${count}`)}`]
    wire(deputy, keeperSocket, [...cgroup, ...(options.launch ?? [])], wires)
  })
  await new Promise<void>(resolve => server.listen(door, resolve))
  return {
    folder,
    door,
    deputy: join(out, 'godwit-deputy'),
    cgroups,
    keeperPid: keeper.pid ?? 0,
    wires,
    close: () => closeAll(server, keeper, wires, folder, cgroups),
  }
}

function wire(
  deputy: Socket,
  keeperSocket: string,
  launch: readonly string[],
  wires: Set<{ deputy: Socket; keeper: Socket }>,
): void {
  // Half open, as an agent's is in effect: credit that comes after the keeper's last word is no error, and no reason to
  // drop what the deputy has not taken yet.
  const keeper = connect({ path: keeperSocket, allowHalfOpen: true })
  const pair = { deputy, keeper }
  wires.add(pair)
  keeper.write(frameBytes(48, taggedBytes(launch)))
  deputy.write(frameBytes(35, taggedBytes(['Pp-1', 'nnode', 'Mtest'])))
  const drop = () => {
    wires.delete(pair)
    deputy.destroy()
    keeper.destroy()
  }
  keeper.on('error', drop)
  deputy.on('close', drop)
  keeper.on('close', () => {
    wires.delete(pair)
    // A pipe whose end is gone leaves its beginning paused, and the deputy's own end unseen.
    deputy.resume()
  })
  deputy.pipe(keeper)
  keeper.pipe(deputy)
}

function makeCgroups(): string | undefined {
  const mount = CGROUP_MOUNTS.find(
    path => existsSync(join(path, 'cgroup.procs')) && existsSync(join(path, 'cgroup.controllers')),
  )
  if (mount === undefined) return undefined
  const folder = join(mount, `godwit-test-${process.pid}-${Math.random().toString(36).slice(2, 8)}`)
  try {
    mkdirSync(folder)
    return folder
  } catch {
    return undefined
  }
}

async function closeAll(
  server: Server,
  keeper: ChildProcess,
  wires: ReadonlySet<{ readonly deputy: Socket; readonly keeper: Socket }>,
  folder: string,
  cgroups: string | undefined,
): Promise<void> {
  for (const { deputy } of wires) deputy.destroy()
  await new Promise(resolve => server.close(resolve))
  if (cgroups !== undefined) await until(() => removed(cgroups))
  keeper.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}

function removed(cgroups: string): boolean {
  try {
    rmdirSync(cgroups)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

/** Waits for a condition, 20 s at most. */
export async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > deadlineMs) throw new Error(`not so after 20 s: ${condition}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
