import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { whyNoNamespaces } from './dhcp-cable.ts'
import { createDhcpLab, type DhcpLab } from './dhcp-lab.ts'

const reason = whyNoNamespaces()
if (reason !== undefined) console.warn(`dhcp conflict test is skipped: ${reason}`)

let lab: DhcpLab

describe.skipIf(reason !== undefined)('an address that somebody uses', () => {
  beforeEach(() => {
    lab = createDhcpLab('gwdp')
  })
  afterEach(() => lab.close())

  test('C045 is found by ARP and not offered: the client gets the other one', async () => {
    const { client, clientDevice } = lab.cable
    const inClient = (...args: readonly string[]) => execFileSync('ip', ['-n', client, ...args])
    // A second machine on the same cable: another MAC, an address set by hand.
    // Only the NIC that has an address answers for it: the kernel lets every NIC of a host answer, in any order.
    execFileSync('ip', [
      'netns',
      'exec',
      client,
      'sh',
      '-c',
      'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore',
    ])
    inClient('link', 'add', 'squat', 'link', clientDevice, 'type', 'macvlan', 'mode', 'bridge')
    inClient('addr', 'add', '10.91.0.20/24', 'dev', 'squat')
    inClient('link', 'set', 'squat', 'up')
    const server = await lab.serve({ pool: { start: '10.91.0.20', end: '10.91.0.21' } })
    const program = lab.udhcpc('-q', '-r', '10.91.0.20')
    expect((await program.until(/event=bound ip=(\S+)/))[1]).toBe('10.91.0.21')
    expect(server.output()).toContain('another machine uses an address of ours')
    // Its own address is not looked at again, although the client itself answers there now.
    const again = lab.udhcpc('-q')
    expect((await again.until(/event=bound ip=(\S+)/))[1]).toBe('10.91.0.21')
  })
})
