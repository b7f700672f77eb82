import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cable, layCable } from './dhcp-cable.ts'

/** A program under test with everything it has printed. */
export type Running = {
  readonly child: ChildProcess
  output(): string
  /** Resolves when the output matches; rejects with the output after `timeoutMs` or when the program ends first. */
  until(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
  /** Sends the signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<void>
}

/** Server and client at the two ends of a cable, with a folder for their files. */
export type DhcpLab = {
  readonly cable: Cable
  readonly folder: string
  /** Starts the real service; resolves once it serves. */
  serve(dhcp?: Readonly<Record<string, unknown>>): Promise<Running>
  /** Starts some other program on the server's end. */
  beside(command: string, ...args: readonly string[]): Running
  /** Starts a client program on the client's end. */
  client(command: string, ...args: readonly string[]): Running
  /** busybox udhcpc on the client's device, one exchange and done unless `args` say more. */
  udhcpc(...args: readonly string[]): Running
  /** Gives the client's NIC another MAC and takes its addresses away: another machine. */
  become(mac: string): void
  /** Ends everything that was started and removes namespaces and files. */
  close(): Promise<void>
}

/** What a DHCP client calls with the outcome: prints it, and gives the device its address. */
const SCRIPT = `#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] && ip addr replace $ip/24 dev $interface
[ "$reason" = BOUND ] || [ "$reason" = REBOOT ] && ip addr replace $new_ip_address/24 dev $interface
[ -n "$1" ] && echo "event=$1 ip=$ip lease=$lease siaddr=$siaddr boot_file=$boot_file sname=$sname hostname=$hostname opt43=$opt43 opt175=$opt175 tftp=$tftp"
exit 0
`

const SERVER_CIDR = '10.91.0.1/24'

/** Lays out a lab of its own; `name` is at most five characters, it becomes part of the device names. */
export function createDhcpLab(name: string): DhcpLab {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-dhcp-'))
  const script = join(folder, 'script')
  writeFileSync(script, SCRIPT)
  chmodSync(script, 0o755)
  const cable = layCable(name, SERVER_CIDR)
  const running: Running[] = []
  const start = (namespace: string, command: string, args: readonly string[]) => {
    const program = run('ip', ['netns', 'exec', namespace, command, ...args])
    running.push(program)
    return program
  }
  const client = (command: string, ...args: readonly string[]) => start(cable.client, command, args)
  return {
    cable,
    folder,
    client,
    beside: (command, ...args) => start(cable.server, command, args),
    async serve(dhcp = {}) {
      const runner = new URL('./dhcp-runner.ts', import.meta.url).pathname
      const args = ['--import', 'tsx', runner, join(folder, 'db'), cable.serverDevice, SERVER_CIDR]
      const server = start(cable.server, process.execPath, [...args, JSON.stringify(dhcp)])
      await server.until(/"serving":true|"failed"/)
      return server
    },
    udhcpc: (...args) =>
      client(
        'busybox',
        'udhcpc',
        '-f',
        '-n',
        '-t',
        '5',
        '-T',
        '1',
        '-i',
        cable.clientDevice,
        '-s',
        script,
        ...args,
      ),
    become(mac) {
      const device = cable.clientDevice
      execFileSync('ip', ['-n', cable.client, 'addr', 'flush', 'dev', device])
      execFileSync('ip', ['-n', cable.client, 'link', 'set', device, 'address', mac])
    },
    async close() {
      cable.endClients()
      await Promise.all(running.map(program => program.end('SIGKILL')))
      cable.remove()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Starts a program and collects what it prints. */
export function run(command: string, args: readonly string[]): Running {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  child.stdout.on('data', chunk => {
    output += String(chunk)
  })
  child.stderr.on('data', chunk => {
    output += String(chunk)
  })
  return {
    child,
    output: () => output,
    until: (pattern, timeoutMs = 25_000) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output)
          if (match !== null) finish(() => resolve(match))
        }
        const giveUp = (why: string) =>
          finish(() => reject(new Error(`${why}, no ${pattern} in:\n${output.slice(-4000)}`)))
        const timer = setTimeout(() => giveUp('time is over'), timeoutMs)
        const finish = (settle: () => void) => {
          clearTimeout(timer)
          child.stdout.off('data', look)
          child.stderr.off('data', look)
          settle()
        }
        child.stdout.on('data', look)
        child.stderr.on('data', look)
        look()
        void ended.then(() => {
          look()
          giveUp('the program ended')
        })
      }),
    async end(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      await ended
    },
  }
}
