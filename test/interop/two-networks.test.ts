import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Heard } from './dhcp-asker.ts'
import { whyNoNamespaces } from './dhcp-cable.ts'
import { type Running, run } from './dhcp-lab.ts'
import { layTwoNetworks, type Network, type TwoNetworks } from './two-networks.ts'

const reason = whyNoNamespaces()
if (reason !== undefined) console.warn(`tests with two networks are skipped: ${reason}`)

const GODWIT = fileURLToPath(new URL('../../cli/godwit.js', import.meta.url))
const ASKER = fileURLToPath(new URL('./dhcp-asker.ts', import.meta.url))

let networks: TwoNetworks
let folder: string
let programs: Running[]

const start = (namespace: string, ...command: readonly string[]) => {
  const program = run('ip', ['netns', 'exec', namespace, ...command])
  programs.push(program)
  return program
}

/** The whole server on both NICs; resolves once it says that it serves. */
async function serve(): Promise<Running> {
  const { server, a, b } = networks
  const nics = [a, b].flatMap(({ serverDevice }) => ['--interface', serverDevice])
  const godwit = [process.execPath, GODWIT, 'serve', '--state', join(folder, 'state'), ...nics]
  const program = start(server, 'env', 'GODWIT_DHCP_MODE=authoritative', ...godwit)
  await program.until(/godwit serves/)
  return program
}

/** Serving DHCP on this NIC for the `times`-th time. */
const serving = ({ serverDevice }: Network, times = 1) =>
  new RegExp(`(?:"interface":"${serverDevice}"[^\\n]*dhcp serving[\\s\\S]*){${times}}`)

const macs = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `52:54:00:91:${letter}:${String(index).padStart(2, '0')}`)

/** Starts to listen in a network and asks there once for each MAC; what was heard. */
async function ask(network: Network, waitMs: number, ...asked: readonly string[]): Promise<readonly Heard[]> {
  const command = ['--import', 'tsx', ASKER, network.clientAddress, String(waitMs), ...asked]
  const asker = start(network.client, process.execPath, ...command)
  const [json] = await asker.until(/\[.*\]/)
  return JSON.parse(json)
}

/** One exchange of busybox udhcpc; the address it got. */
async function lease({ client, clientDevice }: Network): Promise<string | undefined> {
  const args = ['-f', '-n', '-q', '-t', '5', '-T', '1', '-i', clientDevice, '-s', '/bin/true']
  const [, ip] = await start(client, 'busybox', 'udhcpc', ...args).until(/lease of (\S+) obtained/)
  return ip
}

describe.skipIf(reason !== undefined)('one server, two networks', () => {
  beforeEach(() => {
    networks = layTwoNetworks('nn')
    folder = mkdtempSync(join(tmpdir(), 'godwit-nics-'))
    programs = []
  })
  afterEach(async () => {
    await Promise.all(programs.map(program => program.end('SIGKILL')))
    networks.remove()
    rmSync(folder, { recursive: true })
  })

  test('C086 a DISCOVER is answered in its own network only, also when both ask at once', async () => {
    const { a, b } = networks
    networks.plug(b)
    await serve()
    const [inA, inB] = await Promise.all([ask(a, 2000, ...macs('0a', 20)), ask(b, 2000, ...macs('0b', 20))])
    for (const [heard, asked, prefix] of [
      [inA, macs('0a', 20), '10.91.1.'],
      [inB, macs('0b', 20), '10.91.2.'],
    ] as const) {
      expect(heard.map(({ mac }) => mac).sort()).toEqual(asked)
      expect(heard.filter(({ yiaddr }) => !yiaddr.startsWith(prefix))).toEqual([])
    }
    const [nothing, ...more] = await Promise.all([ask(a, 1500), ask(b, 500, ...macs('0c', 3))])
    expect(nothing).toEqual([])
    expect(more[0]).toHaveLength(3)
  })

  test('C093 the source of a reply is the address it calls the server, on each NIC', async () => {
    const { a, b } = networks
    networks.plug(b)
    await serve()
    for (const network of [a, b]) {
      const heard = await ask(network, 1000, ...macs('0d', 2))
      expect(heard).toHaveLength(2)
      for (const { from, serverId } of heard)
        expect([from, serverId]).toEqual([network.serverAddress, network.serverAddress])
    }
  })

  test('a NIC that appears after the start is served, and again after it was unplugged', async () => {
    const { a, b } = networks
    const server = await serve()
    expect(server.output()).toMatch(/waiting for a network/)
    expect(await lease(a)).toMatch(/^10\.91\.1\./)
    for (const times of [1, 2]) {
      networks.plug(b)
      await server.until(serving(b, times))
      expect(await lease(b)).toMatch(/^10\.91\.2\./)
      networks.unplug(b)
      await server.until(
        new RegExp(`(?:"interface":"${b.serverDevice}"[^\\n]*network gone[\\s\\S]*){${times}}`),
      )
      expect(await lease(a)).toMatch(/^10\.91\.1\./)
    }
  })

  test('another address of a NIC is served in place of the first', async () => {
    const { server, a } = networks
    const program = await serve()
    networks.run(server, 'ip', 'addr', 'add', '10.91.7.1/24', 'dev', a.serverDevice)
    networks.run(server, 'ip', 'addr', 'del', `${a.serverAddress}/24`, 'dev', a.serverDevice)
    await program.until(serving(a, 2))
    expect(await lease(a)).toMatch(/^10\.91\.7\./)
  })

  test('boot HTTP and the agents are served at the address of each NIC, under one certificate authority', async () => {
    const { a, b } = networks
    networks.plug(b)
    await serve()
    for (const { client, serverAddress } of [a, b]) {
      const script = networks.run(client, 'curl', '-sf', `http://${serverAddress}:7080/boot.ipxe`)
      expect(script).toContain(`set base http://${serverAddress}:7080`)
      const ca = join(folder, 'state', 'ca.cert.pem')
      const health = networks.run(
        client,
        'curl',
        '-sf',
        '--cacert',
        ca,
        `https://${serverAddress}:7443/healthz`,
      )
      expect(health).toBe('ok\n')
    }
  })

  test('C148 TFTP answers machines of its own network, and drops requests from elsewhere', async () => {
    const { server, a } = networks
    await serve()
    const fetch = (from: string) => {
      const url = `tftp://${a.serverAddress}/undionly.kpxe`
      const args = ['--silent', '--max-time', '3', '--interface', from, '--output', '/dev/null', url]
      const curl = ['curl', '--write-out', '%{size_download}', ...args]
      return networks.run(a.client, 'sh', '-c', `${curl.join(' ')} || true`)
    }
    const elsewhere = '172.16.9.9'
    networks.run(a.client, 'ip', 'addr', 'add', `${elsewhere}/32`, 'dev', a.clientDevice)
    networks.run(server, 'ip', 'route', 'add', `${elsewhere}/32`, 'dev', a.serverDevice)
    const health = [
      'curl',
      '-sf',
      '--interface',
      elsewhere,
      `http://${a.serverAddress}:7080/healthz`,
    ] as const
    expect(networks.run(a.client, ...health)).toBe('ok\n') // it can reach us
    expect(Number(fetch(a.clientAddress))).toBeGreaterThan(10_000)
    expect(fetch(elsewhere)).toBe('0')
    const admin = ['--unix-socket', join(folder, 'state', 'admin.sock'), 'http://localhost/v1/status']
    const { counters } = JSON.parse(networks.run(server, 'curl', '-s', ...admin))
    expect(counters['tftp: dropped: sender we do not serve']).toBeGreaterThan(0)
  })

  test('kill -9 leaves no port taken and no helper behind', async () => {
    const { server, a, b } = networks
    networks.plug(b)
    const first = await serve()
    expect(await lease(b)).toMatch(/^10\.91\.2\./)
    await first.end('SIGKILL')
    const left = () => execFileSync('ip', ['netns', 'pids', server], { encoding: 'utf8' })
    await vi.waitFor(() => expect(left()).toBe(''), { timeout: 5000 })
    const second = await serve()
    expect(second.output()).not.toMatch(/in use/)
    expect(await lease(a)).toMatch(/^10\.91\.1\./)
    const listening = networks.run(server, 'ss', '-Hlun', 'sport = :67').trim().split('\n')
    expect(listening).toHaveLength(4)
  })
})
