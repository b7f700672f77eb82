import { type ChildProcess, spawn } from 'node:child_process'
import { Socket } from 'node:dgram'
import { constants } from 'node:os'
import type { Nic, NicSocketsResult } from './nic-sockets.ts'
import { LAUNCHER, SENDER } from './nic-sockets-launcher.ts'

/** The helper takes 60 ms on a quiet host; one that takes this long hangs. */
const PATIENCE_MS = 15_000
/** The launcher ends so when it cannot bind; its last line then is `bind ERRNO`. */
const BIND_FAILED = 98

/** What the helper said and handed over before it ended. */
type Helper = { readonly sockets: readonly Socket[]; readonly exitCode: number | null; readonly said: string }

/**
 * Opens sockets with SO_BINDTODEVICE: datagrams of other NICs never reach them. Node cannot set that option, so perl
 * (in every Debian) opens them and becomes a Node that hands them over; then the helper ends. Linux allows it without
 * rights since 5.7, before that with CAP_NET_RAW. Rejects with the system's error when the port cannot be had, as
 * `bind` would; `unavailable` when this way is closed here.
 */
export async function launchNicSockets(nic: Nic, port: number): Promise<NicSocketsResult> {
  const { sockets, exitCode, said } = await runHelper(nic, port)
  const [broadcast, own] = sockets
  if (exitCode === 0 && broadcast !== undefined && own !== undefined)
    return { kind: 'sockets', sockets: { broadcast, own } }
  for (const socket of sockets) socket.close()
  const bind = exitCode === BIND_FAILED ? /^bind (\d+)$/m.exec(said) : null
  if (bind !== null) throw systemError(Number(bind[1]), nic)
  return {
    kind: 'unavailable',
    reason: said.trim().split('\n').at(-1) || `the helper ended with ${exitCode}`,
  }
}

function runHelper(nic: Nic, port: number): Promise<Helper> {
  return new Promise(resolve => {
    const args = ['-e', LAUNCHER, process.execPath, SENDER, String(port), nic.interface, nic.address]
    const child = spawn('perl', args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: plainEnvironment() })
    const sockets: Socket[] = []
    const said = collect(child)
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
    child.on('message', (_message, handle) => {
      if (handle instanceof Socket) sockets.push(handle)
    })
    child.once('error', error => finish(null, error.message))
    child.once('close', exitCode => finish(exitCode, said()))
    const finish = (exitCode: number | null, text: string) => {
      clearTimeout(timer)
      resolve({ sockets, exitCode, said: text })
    }
  })
}

/** Without what would make the helper's Node load something else first. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, ...environment } = process.env
  return { ...environment, LC_ALL: 'C' }
}

function collect(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.on('data', (part: Uint8Array) => {
    text = (text + String(part)).slice(-2000)
  })
  return () => text
}

/** An error as `bind` of Node gives it. */
function systemError(errno: number, nic: Nic): Error {
  const code = Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`
  return Object.assign(new Error(`bind ${code} ${nic.address} on ${nic.interface}`), {
    code,
    address: nic.address,
  })
}
