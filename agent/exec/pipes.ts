import { execFile } from 'node:child_process'
import { closeSync, constants, fchownSync, mkdirSync, openSync, rmSync, unlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The three pipes of a process: our ends as streams, the process's ends as descriptors until it has them. */
export type Pipes = {
  readonly stdin: Socket
  readonly stdout: Socket
  readonly stderr: Socket
  readonly childFds: readonly [number, number, number]
  /** Closes our copies of the process's ends; without that its end would never be seen. */
  closeChildEnds(): void
  /** Closes what is still open, when the process has ended or was never started. */
  release(): void
}

/** Makes pipes for processes, one set ahead so that a start does not wait for mkfifo. */
export type PipeMaker = {
  make(owner: { readonly uid: number; readonly gid: number }): Promise<Pipes>
  close(): void
}

const NAMES = ['stdin', 'stdout', 'stderr'] as const

/**
 * Node gives children socket pairs, but no program can open /dev/stdout on a socket (ENXIO), and shell scripts do
 * that daily. So the pipes are FIFOs.
 */
export function createPipeMaker(folder: string): PipeMaker {
  let made = 0
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  async function prepare(): Promise<readonly string[]> {
    made += 1
    const paths = NAMES.map(name => join(folder, `${made}.${name}`))
    await promisify(execFile)('mkfifo', ['-m', '600', ...paths])
    return paths
  }
  const prepareAhead = () => {
    const prepared = prepare()
    // Whoever takes it sees the failure; until then it must not end the agent.
    prepared.catch(() => undefined)
    return prepared
  }
  let next = prepareAhead()
  return {
    async make(owner) {
      const taken = next
      next = prepareAhead()
      const [stdin = '', stdout = '', stderr = ''] = await taken
      return openPipes([stdin, stdout, stderr], owner)
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** How long a program waits at most that opens /dev/stdin when its input has ended already. */
const LATE_OPEN_MS = 50

function openPipes(paths: readonly [string, string, string], owner: { uid: number; gid: number }): Pipes {
  const [input, output, errors] = [openInput(paths[0]), openOutput(paths[1]), openOutput(paths[2])]
  const childFds = [input.child, output.child, errors.child] as const
  // /dev/stdout of another user opens only what that user owns.
  for (const fd of childFds) fchownSync(fd, owner.uid, owner.gid)
  unlinkSync(paths[1])
  unlinkSync(paths[2])
  const stdin = new Socket({ fd: input.ours, readable: false, writable: true })
  const stdout = new Socket({ fd: output.ours, readable: true, writable: false })
  const stderr = new Socket({ fd: errors.ours, readable: true, writable: false })
  const late = admitLateReaders(stdin, paths[0])
  return {
    stdin,
    stdout,
    stderr,
    childFds,
    closeChildEnds: () => childFds.forEach(fd => void closeSync(fd)),
    release() {
      late.stop()
      for (const stream of [stdin, stdout, stderr]) stream.destroy()
      unlinkSync(paths[0])
    },
  }
}

/**
 * Opening a FIFO that no writer holds blocks, where an anonymous pipe would say end-of-file at once (fifo_open in
 * fs/pipe.c). So once our end is closed, a writer comes by now and then: it frees whoever waits, and who reads
 * still sees the end.
 */
function admitLateReaders(stdin: Socket, path: string): { stop(): void } {
  let visits: NodeJS.Timeout | undefined
  const begin = (): void => {
    visits = setInterval(() => visit(path), LATE_OPEN_MS)
  }
  stdin.once('close', begin)
  return {
    stop() {
      stdin.off('close', begin)
      clearInterval(visits)
    },
  }
}

function visit(path: string): void {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
  } catch {
    // ENXIO: nobody has it open any more.
  }
}

/** A FIFO blocks who opens it alone; ours is opened without waiting, so the child's blocking end opens at once. */
function openOutput(path: string): { readonly ours: number; readonly child: number } {
  const ours = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return { ours, child: openSync(path, constants.O_WRONLY) }
}

function openInput(path: string): { readonly ours: number; readonly child: number } {
  const both = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const child = openSync(path, constants.O_RDONLY)
  const ours = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  closeSync(both)
  return { ours, child }
}
