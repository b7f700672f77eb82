import { execFile } from 'node:child_process'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { WORK_DIR } from '../../../cli/paths.ts'
import { SERVER_NODE_OPTIONS } from '../../../config/node-options.ts'
import type { Rig, ServerCommand } from '../net/rig.ts'

/** Who serves: we, and the three servers that Debian has. */
export const SUBJECTS = ['godwit', 'dnsmasq', 'tftpd-hpa', 'atftpd'] as const
/** One of the {@link SUBJECTS}. */
export type Subject = (typeof SUBJECTS)[number]

/** dnsmasq 2.90 and tftpd-hpa 5.2 leave the option out of their OACK: one block at a time, whatever is asked. */
const KNOWS_WINDOWS: ReadonlySet<Subject> = new Set(['godwit', 'atftpd'])
/** All clients of the bench have one address; a real network has one for each. */
const MOST_TRANSFERS = 512
/** And requests a second: hundreds of loaders a second are what is measured. */
const MOST_REQUESTS = 1_000_000
const RUNNER = new URL('./runner.ts', import.meta.url).pathname

/** Why a subject cannot be measured here, or `undefined` when it can. */
export async function whyLeftOut(subject: Subject): Promise<string | undefined> {
  const isMissing = subject === 'tftpd-hpa' && (await findTftpdHpa()) === undefined
  return isMissing ? 'it is not installed; scripts/setup bench gets it' : undefined
}

/** Whether a case with this windowsize would measure anything else than one with windowsize 1. */
export function knowsWindow(subject: Subject, windowSize: number): boolean {
  return windowSize === 1 || KNOWS_WINDOWS.has(subject)
}

/** The command that serves `file`, which lies alone in a folder that everybody may read.  */
export async function tftpServer(subject: Subject, rig: Rig, file: string): Promise<ServerCommand> {
  const root = dirname(file)
  const { serverAddress, serverDevice } = rig
  switch (subject) {
    case 'godwit': {
      const config = JSON.stringify({
        maxTransfers: MOST_TRANSFERS,
        maxTransfersPerClient: MOST_TRANSFERS,
        maxRequestsPerSecond: MOST_REQUESTS,
        maxRequestsPerSecondPerClient: MOST_REQUESTS,
      })
      return {
        argv: [
          process.execPath,
          ...SERVER_NODE_OPTIONS,
          '--import',
          'tsx',
          RUNNER,
          serverAddress,
          file,
          config,
        ],
        ready: /"serving": true/,
      }
    }
    case 'dnsmasq': {
      const options = [
        '--keep-in-foreground --conf-file=/dev/null --log-facility=- --quiet-tftp --user=root --port=0',
        `--pid-file --interface=${serverDevice} --bind-interfaces`,
        `--enable-tftp --tftp-root=${root} --tftp-max=${MOST_TRANSFERS}`,
      ]
      return { argv: ['dnsmasq', ...options.join(' ').split(' ')], ready: /started, version/ }
    }
    case 'tftpd-hpa':
      return silent([
        (await findTftpdHpa()) ?? 'in.tftpd',
        ...['--listen', '--foreground', '--address', `${serverAddress}:69`, '--secure', root],
      ])
    case 'atftpd':
      return silent([
        ...['atftpd', '--daemon', '--no-fork', '--user', 'root', '--group', 'root', '--port', '69'],
        ...['--bind-address', serverAddress, '--maxthread', `${MOST_TRANSFERS}`, root],
      ])
  }
}

/** The file name that clients ask for. */
export function nameOf(file: string): string {
  return basename(file)
}

/** A server that says nothing when it serves: the first client asks until it does. */
function silent(argv: readonly string[]): ServerCommand {
  return { argv: ['sh', '-c', 'echo starting && exec "$@"', 'sh', ...argv], ready: /starting/ }
}

/**
 * Debian's tftpd-hpa and atftpd both have /usr/sbin/in.tftpd and shut each other out; the former is unpacked into the
 * clone by `scripts/setup bench`.
 */
async function findTftpdHpa(): Promise<string | undefined> {
  const unpacked = join(WORK_DIR, 'bench', 'tftpd-hpa', 'usr', 'sbin', 'in.tftpd')
  for (const path of [unpacked, '/usr/sbin/in.tftpd']) {
    const version = await promisify(execFile)(path, ['--version']).catch(() => ({ stdout: '' }))
    if (version.stdout.startsWith('tftp-hpa')) return path
  }
  return undefined
}
