import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { WORK_DIR } from '../../../cli/paths.ts'
import type { OneNetwork } from '../../cluster/namespace.ts'
import { createCpuGroup } from '../net/cpu-group.ts'
import { startProgram } from '../net/program.ts'

/** A way to run a command through ssh: over a connection that is there already (ControlMaster), or by one of its own. */
export type SshWay = 'ssh-mux' | 'ssh'

/** An OpenSSH server with one client's key, and the client's master connection. */
export type SshPeer = {
  /** What comes before a command. */
  prefix(way: SshWay): readonly string[]
  /** CPU seconds that server and master, and all they started, have used. */
  cpuSeconds(): Promise<number>
  close(): Promise<void>
}

const PORT = 2222
/** Where scripts/setup unpacks what is not to run as a service. */
const UNPACKED = join(WORK_DIR, 'bench', 'openssh-server', 'usr', 'sbin', 'sshd')

/** The server's program, or `undefined` when there is none. */
export async function findSshd(): Promise<string | undefined> {
  for (const path of ['/usr/sbin/sshd', UNPACKED]) {
    const told = await promisify(execFile)(path, ['-V']).catch((error: { stderr?: string }) => error)
    if (/OpenSSH/.test(told.stderr ?? '')) return path
  }
  return undefined
}

/** Starts `sshd` at `address`, with keys and settings in `folder`, and connects a master to it. Root only. */
export async function startSshPeer(
  sshd: string,
  address: string,
  { network, folder }: { readonly network: OneNetwork; readonly folder: string },
): Promise<SshPeer> {
  const file = (name: string) => join(folder, name)
  await makeKey(file('host-key'))
  await makeKey(file('key'))
  await writeFile(file('authorized'), await readFile(file('key.pub')))
  const hostKey = (await readFile(file('host-key.pub'), 'utf8')).split(' ').slice(0, 2).join(' ')
  await writeFile(file('known'), `[${address}]:${PORT} ${hostKey}\n`)
  await writeFile(file('sshd_config'), serverConfig(address, file))
  await mkdir(file('home'))
  await writeFile(file('passwd'), await passwdFor(file('home')))
  const group = createCpuGroup(`gw-ssh-${process.pid}`)
  const start = (argv: readonly string[]) => startProgram([...group.prefix, ...network.prefix, ...argv])
  const server = start([...withOwnRun(file('passwd')), sshd, '-D', '-e', '-f', file('sshd_config')])
  const common = clientOptions(file)
  const control = ['-S', file('mux')]
  try {
    await server.until(/Server listening/)
    const master = start(['ssh', ...common, ...control, '-v', '-M', '-N', address])
    await master.until(/Entering interactive session|mux_client|Authenticated to/)
    return {
      prefix: way => ['ssh', ...common, ...(way === 'ssh-mux' ? control : ['-S', 'none']), address],
      cpuSeconds: () => group.seconds(server.pid),
      async close() {
        await master.end()
        await server.end()
        group.remove()
      },
    }
  } catch (error) {
    await server.end()
    throw error
  }
}

async function makeKey(path: string): Promise<void> {
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
}

/** Debian's settings, but for what needs files of the system. */
function serverConfig(address: string, file: (name: string) => string): string {
  return `ListenAddress ${address}
Port ${PORT}
HostKey ${file('host-key')}
AuthorizedKeysFile ${file('authorized')}
PidFile none
UsePAM no
StrictModes no
MaxSessions 100
`
}

function clientOptions(file: (name: string) => string): readonly string[] {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${file('known')}`,
    'IdentitiesOnly=yes',
  ]
  return ['-F', 'none', '-i', file('key'), '-p', `${PORT}`, ...options.flatMap(option => ['-o', option])]
}

/**
 * sshd wants a user of its own and a folder in /run, which only its package's installation makes. root's home is an
 * empty one: bash reads a .bashrc when sshd starts it, which may do anything.
 */
async function passwdFor(home: string): Promise<string> {
  const lines = (await readFile('/etc/passwd', 'utf8')).trimEnd().split('\n')
  const others = lines.filter(line => !/^(root|sshd):/.test(line))
  const own = [`root:x:0:0:root:${home}:/bin/bash`, 'sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin']
  return [...own, ...others].map(line => `${line}\n`).join('')
}

/** Gives a program a mount namespace where both are there. */
function withOwnRun(passwd: string): readonly string[] {
  const script = 'mount --bind "$0" /etc/passwd && mount -t tmpfs run /run && mkdir /run/sshd && exec "$@"'
  return ['unshare', '--mount', 'sh', '-c', script, passwd]
}
