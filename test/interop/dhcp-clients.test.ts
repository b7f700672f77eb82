import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { whyNoNamespaces } from './dhcp-cable.ts'
import { createDhcpLab, type DhcpLab } from './dhcp-lab.ts'

const reason = whyNoNamespaces()
if (reason !== undefined) console.warn(`DHCP client tests are skipped: ${reason}`)

const MAC = '52:54:00:91:00:01'
const SERVER = '10.91.0.1'
const PACKAGE_CLIENT = fileURLToPath(new URL('./dhcp-package-client.ts', import.meta.url))
let lab: DhcpLab

/** dhcpcd asks once, configures nothing of this host (its hooks are replaced), and leaves the address on the NIC. */
function dhcpcd(...args: readonly string[]) {
  const flags = ['-4', '-B', '-d', '-f', '/dev/null', '-c', '/bin/true', '--noarp', '-t', '20']
  return lab.client('dhcpcd', ...flags, ...args, lab.cable.clientDevice)
}

/** One dhcping; its exit status and what it said. */
async function dhcping(...args: readonly string[]) {
  const run = lab.client('dhcping', '-v', '-s', SERVER, '-h', MAC, '-t', '5', ...args)
  await once(run.child, 'close')
  return { status: run.child.exitCode, output: run.output() }
}

/** An address for the machine, by udhcpc, which also puts it on the device. */
async function lease(): Promise<string> {
  const client = lab.udhcpc('-q')
  const [, ip = ''] = await client.until(/event=bound ip=(\S+)/)
  await client.end()
  return ip
}

describe.skipIf(reason !== undefined)('other DHCP clients', () => {
  beforeEach(() => {
    lab = createDhcpLab('gwcl')
    lab.become(MAC)
  })
  afterEach(() => lab.close())

  test('dhcpcd is bound with its DUID as client id, and rebinds its lease', async () => {
    const server = await lab.serve()
    try {
      const first = dhcpcd('-1')
      const [, ip] = await first.until(/leased (\S+) for \d+ seconds/)
      // Its helper processes may outlive it and hold its output open.
      lab.cable.endClients()
      await first.end()
      execFileSync('ip', ['-n', lab.cable.client, 'addr', 'flush', 'dev', lab.cable.clientDevice])
      const again = dhcpcd('-1')
      expect((await again.until(/leased (\S+) for \d+ seconds/))[1]).toBe(ip)
      expect(again.output()).toMatch(/rebinding lease/)
      expect(server.output()).toMatch(/"reason":"rebooted"/)
    } finally {
      rmSync(`/var/lib/dhcpcd/${lab.cable.clientDevice}.lease`, { force: true })
    }
  })

  test('dhcping asks for its address with ciaddr and option 50 both, and is acknowledged', async () => {
    await lab.serve()
    const ip = await lease()
    expect(await dhcping('-c', ip)).toMatchObject({
      status: 0,
      output: expect.stringContaining('Got answer'),
    })
  })

  test('dhcping asks for parameters only (INFORM)', async () => {
    const server = await lab.serve()
    const ip = await lease()
    expect(await dhcping('-c', ip, '-i')).toMatchObject({ status: 0 })
    await server.until(/inform/)
  })

  test('npm dhcp, its own codec and state machine, is bound', async () => {
    await lab.serve()
    // It sends to 255.255.255.255 from no address at all, which needs a route.
    execFileSync('ip', ['-n', lab.cable.client, 'route', 'add', 'default', 'dev', lab.cable.clientDevice])
    const client = lab.client(process.execPath, '--import', 'tsx', PACKAGE_CLIENT, MAC)
    const [, ip] = await client.until(/"bound":"(10\.91\.0\.\d+)"/)
    expect(ip).toBe(await lease())
  })
})
