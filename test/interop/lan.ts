import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Running, run } from './dhcp-lab.ts'

/** A host on the LAN: a namespace with one NIC. */
export type LanHost = {
  readonly device: string
  /** Its network namespace, by name. */
  readonly space: string
  /** Starts a program there. */
  start(command: string, ...args: readonly string[]): Running
  /** Gives its NIC another MAC and takes its addresses away: another machine. */
  become(mac: string): void
  /** Sets its only address. */
  setAddress(cidr: string): void
  /** Takes its cable out of the switch, which the host itself does not see. */
  unplug(): void
  plug(): void
}

/** A switch with hosts on it; names carry the process id. */
export type Lan<Name extends string> = {
  readonly folder: string
  readonly hosts: Readonly<Record<Name, LanHost>>
  close(): Promise<void>
}

/** Lays out a LAN; `name` has at most four characters, host names differ in their first letter. */
export function createLan<Name extends string>(name: string, hostNames: readonly Name[]): Lan<Name> {
  const id = `${name}${process.pid}`
  const folder = mkdtempSync(join(tmpdir(), 'godwit-lan-'))
  const switchSpace = `${id}-sw`
  const spaces = [switchSpace]
  const running: Running[] = []
  const ip = (...args: readonly string[]) => execFileSync('ip', args)
  const within = (space: string, ...args: readonly string[]) => ip('-n', space, ...args)
  ip('netns', 'add', switchSpace)
  within(switchSpace, 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0')
  within(switchSpace, 'link', 'set', 'br0', 'up')
  const host = (hostName: Name): LanHost => {
    const space = `${id}-${hostName}`
    const device = `${name}${hostName.slice(0, 1)}`
    spaces.push(space)
    ip('netns', 'add', space)
    within(space, 'link', 'add', device, 'type', 'veth', 'peer', 'name', `p${device}`, 'netns', switchSpace)
    within(switchSpace, 'link', 'set', `p${device}`, 'master', 'br0', 'up')
    within(space, 'link', 'set', 'lo', 'up')
    within(space, 'link', 'set', device, 'up')
    return {
      device,
      space,
      unplug: () => void within(switchSpace, 'link', 'set', `p${device}`, 'nomaster'),
      plug: () => void within(switchSpace, 'link', 'set', `p${device}`, 'master', 'br0'),
      start(command, ...args) {
        const program = run('ip', ['netns', 'exec', space, command, ...args])
        running.push(program)
        return program
      },
      become(mac) {
        within(space, 'addr', 'flush', 'dev', device)
        within(space, 'link', 'set', device, 'address', mac)
      },
      setAddress(cidr) {
        within(space, 'addr', 'flush', 'dev', device)
        within(space, 'addr', 'add', cidr, 'dev', device)
      },
    }
  }
  const hosts = Object.fromEntries(hostNames.map(one => [one, host(one)])) as Record<Name, LanHost>
  return {
    folder,
    hosts,
    async close() {
      await Promise.all(running.map(program => program.end('SIGKILL')))
      for (const space of spaces) spawnSync('ip', ['netns', 'del', space])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
