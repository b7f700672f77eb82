import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { whyNoNamespaces } from './dhcp-cable.ts'
import { type Running, run } from './dhcp-lab.ts'
import { layTwoNetworks, type Network, type TwoNetworks } from './two-networks.ts'

const reason = whyNoNamespaces()
if (reason !== undefined) console.warn(`tests of the sockets of one NIC are skipped: ${reason}`)

const RUNNER = fileURLToPath(new URL('./nic-sockets-runner.ts', import.meta.url))
const PORT = 6767

/**
 * What systemd does for `.socket` units with BindToDevice=, FileDescriptorName= and two ListenDatagram= each: opens the
 * sockets at descriptor 3 and above, names them, and becomes the service. Arguments: `PORT DEVICE ADDRESS … -- COMMAND`.
 */
const SYSTEMD = `
use strict; use Socket;
$^F = 1023;
my $port = shift; my (@keep, @names);
while ((my $device = shift) ne '--') {
  my $address = shift;
  for my $at ('0.0.0.0', $address) {
    socket(my $socket, PF_INET, SOCK_DGRAM, 0) or die;
    setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1) or die;
    setsockopt($socket, SOL_SOCKET, 25, pack('Z*', $device)) or die;
    bind($socket, pack_sockaddr_in($port, inet_aton($at))) or die;
    push @keep, $socket; push @names, $device;
  }
}
die 'descriptors begin at '.fileno($keep[0]) unless fileno($keep[0]) == 3;
@ENV{qw(LISTEN_PID LISTEN_FDS LISTEN_FDNAMES)} = ($$, scalar @keep, join(':', @names));
exec @ARGV or die;
`

/** Sends one datagram and prints the first answer with its source, or nothing after half a second. */
const CALL = `
const [own, to, port, text] = process.argv.slice(1)
const dgram = require('node:dgram')
const hear = dgram.createSocket({ type: 'udp4', reuseAddr: true })
const call = dgram.createSocket({ type: 'udp4', reuseAddr: true })
hear.on('message', (bytes, from) => { console.log(from.address, String(bytes)); process.exit() })
hear.bind(6868, '0.0.0.0', () => call.bind(6868, own, () => {
  call.setBroadcast(true)
  call.send(text, Number(port), to)
}))
setTimeout(() => process.exit(), 1000)
`

let networks: TwoNetworks
let programs: Running[]

const start = (...command: readonly string[]) => {
  const program = run('ip', ['netns', 'exec', networks.server, ...command])
  programs.push(program)
  return program
}

async function open(way: string, ...nics: readonly Network[]): Promise<Running> {
  const named = nics.flatMap(({ serverDevice, serverAddress }) => [serverDevice, serverAddress])
  const runner = [process.execPath, '--import', 'tsx', RUNNER, way, String(PORT), ...named]
  const launcher = way === 'adopted' ? ['perl', '-e', SYSTEMD, String(PORT), ...named, '--'] : []
  const program = start(...launcher, ...runner)
  await program.until(/"open"|"failed"/)
  return program
}

const call = ({ client, clientAddress }: Network, to: string, text: string) =>
  networks.run(client, process.execPath, '-e', CALL, clientAddress, to, String(PORT), text).trim()

describe.skipIf(reason !== undefined)('sockets of one NIC', () => {
  beforeEach(() => {
    networks = layTwoNetworks('ns')
    networks.plug(networks.b)
    programs = []
  })
  afterEach(async () => {
    await Promise.all(programs.map(program => program.end('SIGKILL')))
    networks.remove()
  })

  describe.each([['launched'], ['adopted'], ['plain']])('%s', way => {
    test('hear broadcast and unicast apart, and answer from our address by that NIC', async () => {
      const { a } = networks
      const server = await open(way, a)
      expect(call(a, '255.255.255.255', 'all')).toBe(`${a.serverAddress} echo all`)
      expect(call(a, a.serverAddress, 'one')).toBe(`${a.serverAddress} echo one`)
      const device = `"device":"${a.serverDevice}"`
      await server.until(new RegExp(`"heard":"all",${device},"delivery":"broadcast"`))
      await server.until(new RegExp(`"heard":"one",${device},"delivery":"unicast"`))
    })

    test('are closed when the process is killed', async () => {
      const first = await open(way, networks.a)
      await first.end('SIGKILL')
      const second = await open(way, networks.a)
      expect(second.output()).toMatch(/"open":1/)
    })
  })

  describe.each([['launched'], ['adopted']])('%s', way => {
    test('hear nothing of the other NIC', async () => {
      const { a, b } = networks
      const server = await open(way, a)
      expect(call(b, '255.255.255.255', 'stray')).toBe('')
      expect(call(a, '255.255.255.255', 'ours')).toMatch(/ours/)
      await server.until(/"heard":"ours"/)
      expect(server.output()).not.toMatch(/stray/)
    })

    test('tell two NICs apart', async () => {
      const { a, b } = networks
      const server = await open(way, a, b)
      for (const network of [a, b])
        expect(call(network, '255.255.255.255', 'who')).toBe(`${network.serverAddress} echo who`)
      await server.until(/(?:"heard":"who"[\s\S]*){2}/)
      expect(server.output().match(/"heard":"who"/g)).toHaveLength(2)
    })
  })

  describe.each([['launched'], ['plain']])('%s', way => {
    test('are not shared with another server on this NIC', async () => {
      const { a } = networks
      await open(way, a)
      expect((await open(way, a)).output()).toMatch(/GW_PORT_IN_USE.*ss -ulpn 'sport = :6767'/)
    })

    test('are refused where the address is not', async () => {
      const { a } = networks
      const { output } = await open(way, { ...a, serverAddress: '10.99.9.9' })
      expect(output()).toMatch(/GW_NO_INTERFACE.*10\.99\.9\.9/)
    })
  })

  test('a server on another NIC is none of our business when sockets are bound to one', async () => {
    const { a, b } = networks
    await open('launched', b)
    expect((await open('launched', a)).output()).toMatch(/"open":1/)
  })

  test('several NICs are refused where sockets hear them all, with what helps', async () => {
    const { a, b } = networks
    const { output } = await open('plain', a, b)
    expect(output()).toMatch(
      /GW_NOT_PERMITTED.*nsas only.*the test closed this way.*perl-base.*CAP_NET_RAW.*systemd/,
    )
  })
})
