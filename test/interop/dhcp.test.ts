import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { whyNoNamespaces } from './dhcp-cable.ts'
import { createDhcpLab, type DhcpLab } from './dhcp-lab.ts'

const reason = whyNoNamespaces()
if (reason !== undefined) console.warn(`dhcp interop tests are skipped: ${reason}`)

const MAC = '52:54:00:91:00:01'
const OTHER_MAC = '52:54:00:91:00:02'
const BOUND = /event=bound ip=(\S+) lease=(\d+) .*/
const PXE = ['-V', 'PXEClient:Arch:00007:UNDI:003000', '-x', '0x5d:0007', '-O', '43', '-O', 'tftp']

let lab: DhcpLab

/** One udhcpc exchange; the address it got and the line it printed. */
async function lease(...args: readonly string[]) {
  const client = lab.udhcpc('-q', ...args)
  const [line, ip, leaseSeconds] = await client.until(BOUND)
  await client.end()
  return { line, ip, leaseSeconds: Number(leaseSeconds) }
}

/** dhclient in the foreground with a lease file of its own. */
function dhclient(...args: readonly string[]) {
  const files = ['-lf', join(lab.folder, 'leases'), '-pf', join(lab.folder, 'pid'), '-cf', '/dev/null']
  const script = ['-sf', join(lab.folder, 'script')]
  return lab.client('dhclient', '-1', '-v', '-d', ...files, ...script, ...args, lab.cable.clientDevice)
}

describe.skipIf(reason !== undefined)('real DHCP clients', () => {
  beforeEach(() => {
    lab = createDhcpLab('gwdh')
    lab.become(MAC)
  })
  afterEach(() => lab.close())

  test('udhcpc is bound, and gets the same address again', async () => {
    await lab.serve()
    const first = await lease()
    expect(first.leaseSeconds).toBe(43_200)
    expect((await lease()).ip).toBe(first.ip)
    expect((await lease('-C', '-B')).ip).toBe(first.ip)
  })

  test('udhcpc renews by unicast and releases', async () => {
    const server = await lab.serve()
    const client = lab.udhcpc('-R')
    const [, ip] = await client.until(BOUND)
    client.child.kill('SIGUSR1')
    await client.until(/event=renew/)
    await server.until(/"reason":"extended"/)
    client.child.kill('SIGUSR2')
    await server.until(/"reason":"released"/)
    await client.end()
    expect((await lease()).ip).toBe(ip)
  })

  test('a client like a PXE ROM, then one like iPXE: one address, each its own answer', async () => {
    const server = await lab.serve()
    const rom = await lease(...PXE)
    expect(rom.line).toMatch(/siaddr=10.91.0.1 boot_file=snponly-x64.efi sname=10.91.0.1 .*opt43=060108ff/)
    const loader = await lease(...PXE, '-x', '77:69505845', '-O', '175')
    expect(loader.line).toMatch(/boot_file=http:\/\/10.91.0.1:7080\/boot.ipxe .*opt43= opt175=b00101ff/)
    expect(loader).toMatchObject({ ip: rom.ip, leaseSeconds: 900 })
    const system = await lease()
    expect(system.line).toMatch(/boot_file= /)
    expect(system.ip).toBe(rom.ip)
    expect(server.output()).toMatch(/"stage":"dhcp-ack".*"detail":"rom x64 -> snponly-x64.efi"/)
    expect(server.output()).toMatch(/"stage":"ipxe".*"detail":"ipxe x64 -> http/)
  })

  test('a reservation gives its address and its name; nobody else gets it', async () => {
    await lab.serve({ reservations: [{ mac: MAC, ip: '10.91.0.7', name: 'old-dell' }] })
    const reserved = await lease('-r', '10.91.0.200')
    expect(reserved.ip).toBe('10.91.0.7')
    expect(reserved.line).toContain('hostname=old-dell')
    lab.become(OTHER_MAC)
    expect((await lease('-r', '10.91.0.7')).ip).not.toBe('10.91.0.7')
  })

  test('kill -9 loses no lease: same address after it, and nobody else gets it', async () => {
    const server = await lab.serve()
    const { ip } = await lease()
    await server.end('SIGKILL')
    const again = await lab.serve()
    expect(again.output()).toContain(`"ip":"${ip}"`)
    lab.become(OTHER_MAC)
    expect((await lease('-r', ip ?? '')).ip).not.toBe(ip)
    lab.become(MAC)
    expect((await lease()).ip).toBe(ip)
  })

  test('dhclient is bound, comes back with INIT-REBOOT, and releases', async () => {
    const server = await lab.serve()
    const first = dhclient()
    const [, ip] = await first.until(/bound to (\S+)/)
    expect(first.output()).toContain('DHCPOFFER')
    await first.end()
    const rebooted = dhclient()
    expect((await rebooted.until(/bound to (\S+)/))[1]).toBe(ip)
    expect(rebooted.output()).not.toContain('DHCPDISCOVER')
    await server.until(/"reason":"rebooted"/)
    await rebooted.end()
    await dhclient('-r').until(/DHCPRELEASE/)
    await server.until(/"reason":"released"/)
  })

  test('dhclient with a lease of another network is refused at once and starts over', async () => {
    const server = await lab.serve()
    writeFileSync(
      join(lab.folder, 'leases'),
      `lease {
  interface "${lab.cable.clientDevice}";
  fixed-address 192.168.5.5;
  option subnet-mask 255.255.255.0;
  option dhcp-server-identifier 192.168.5.1;
  option dhcp-lease-time 86400;
  renew 1 2035/01/01 00:00:00;
  rebind 1 2035/01/01 00:00:00;
  expire 1 2035/01/01 00:00:00;
}
`,
    )
    const client = dhclient()
    expect((await client.until(/bound to (\S+)/))[1]).toMatch(/^10\.91\.0\./)
    expect(client.output()).toContain('DHCPNAK')
    expect(server.output()).toContain('wrong network')
  })

  test('a port that another DHCP server holds is named, with the way to find it', async () => {
    const range = '--dhcp-range=10.91.0.20,10.91.0.30'
    const other = lab.beside('dnsmasq', '-k', '-C', '/dev/null', '-p0', '--log-facility=-', range)
    await other.until(/DHCP, IP range/)
    const server = await lab.serve()
    expect(server.output()).toContain('GW_PORT_IN_USE')
    expect(server.output()).toContain("ss -ulpn 'sport = :67'")
    expect(other.child.exitCode).toBeNull()
  })
})
