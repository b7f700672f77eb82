import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { whyNoNamespaces } from './dhcp-cable.ts'
import { createRouterLan, GODWIT_ADDRESS, ROUTER_ADDRESS, type RouterLan } from './router-lan.ts'

const reason = whyNoNamespaces()
if (reason !== undefined) console.warn(`dhcp modes are not tested: ${reason}`)

const LEASE = /lease of (\S+) obtained from (\S+),/
const PXE = ['-V', 'PXEClient:Arch:00000:UNDI:002001', '-x', '0x5d:0000']

let lan: RouterLan

/** One exchange of udhcpc; the address and the server it came from. */
async function lease(...args: readonly string[]) {
  const { machine } = lan.hosts
  const options = ['-f', '-q', '-n', '-t', '8', '-T', '1', '-s', '/bin/true', '-i', machine.device]
  const client = machine.start('busybox', 'udhcpc', ...options, ...args)
  const [, ip, server] = await client.until(LEASE)
  await client.end()
  return { ip, server }
}

/** Everything on the machine's wire from godwit, as tcpdump prints it. */
function listenTo(address: string) {
  const { machine } = lan.hosts
  return machine.start('tcpdump', '-ni', machine.device, '-l', '-v', 'udp and src host', address)
}

describe.skipIf(reason !== undefined)('the mode of a LAN', { timeout: 120_000 }, () => {
  beforeEach(() => {
    lan = createRouterLan('gwmo')
    lan.hosts.machine.become('52:54:00:92:00:01')
  })
  afterEach(() => lan.close())

  test('auto leases where nobody answers, and says why', async () => {
    const server = await lan.serve({ mode: 'auto' })
    await server.until(/dhcp leases addresses: nobody else answered 3 probes/)
    expect(await lease()).toMatchObject({ server: GODWIT_ADDRESS })
  })

  test('auto is a proxy beside a router that leases; a ROM gets its address there and its loader here', async () => {
    const router = await lan.startRouter()
    const server = await lan.serve({ mode: 'auto' })
    await server.until(
      /dhcp is a proxy beside the DHCP server of this network: 10\.92\.0\.1 answers DHCP on this network/,
    )
    const heard = listenTo(GODWIT_ADDRESS)
    await heard.until(/listening on/)
    expect(await lease(...PXE)).toMatchObject({ server: ROUTER_ADDRESS })
    await heard.until(/10\.92\.0\.2\.67 > 255\.255\.255\.255\.68[\s\S]*file "undionly\.kpxe"/)
    expect(router.output()).toContain('DHCPACK')
  })

  test('C104 a plain client on the same LAN never hears from the proxy', async () => {
    await lan.startRouter()
    const server = await lan.serve({ mode: 'proxy' })
    const heard = listenTo(GODWIT_ADDRESS)
    await heard.until(/listening on/)
    expect(await lease()).toMatchObject({ server: ROUTER_ADDRESS })
    await lease('-V', 'MSFT 5.0')
    expect(heard.output()).not.toMatch(/10\.92\.0\.2\.67 >/)
    expect(server.output()).not.toContain('"msg":"dhcp proxy')
  })

  test('C159 two DHCP servers on one link fight over no client: each keeps quiet about the other', async () => {
    await lan.startRouter()
    await lan.serve({ mode: 'authoritative' })
    const naks = lan.hosts.machine.start(
      'tcpdump',
      '-ni',
      lan.hosts.machine.device,
      '-l',
      '-v',
      'udp port 68',
    )
    await naks.until(/listening on/)
    for (let round = 0; round < 5; round += 1) await lease()
    expect(naks.output()).toContain('Offer')
    expect(naks.output()).not.toMatch(/DHCP-Message[^\n]*NACK/)
  })

  test('a router that shows up later makes godwit step back, and raises an alarm', async () => {
    const server = await lan.serve({ mode: 'auto' })
    await server.until(/dhcp leases addresses/)
    await lease()
    await lan.startRouter()
    // The next client that chooses the router tells; without one the next probe does, within a minute.
    const stepped = server.until(/a second DHCP server, 10\.92\.0\.1, appeared/, 90_000)
    for (let round = 0; round < 3; round += 1) await lease()
    await stepped
    expect(await lease()).toMatchObject({ server: ROUTER_ADDRESS })
  })

  test('auto cannot probe while another program has the client port: a proxy then, with the reason', async () => {
    const holder = "require('node:dgram').createSocket('udp4').bind(68, () => console.log('bound'))"
    await lan.hosts.godwit.start(process.execPath, '-e', holder).until(/bound/)
    const server = await lan.serve({ mode: 'auto' })
    await server.until(
      /dhcp is a proxy[^"]*another DHCP server cannot be ruled out: the client port cannot be/,
    )
  })
})
