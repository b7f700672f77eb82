import { describe, expect, it } from 'vitest'
import { judgePort, parseListeners } from '../../../cli/doctor/ports.ts'

/** As `ss -Hlunp` (iproute2 6.1) prints it, as root and as an ordinary user. */
const SS = `UNCONN 0      0      10.91.0.1:67         0.0.0.0:*    users:(("dnsmasq",pid=812,fd=4))
UNCONN 0      0           0.0.0.0:69         0.0.0.0:*
UNCONN 0      0      0.0.0.0%eth1:68         0.0.0.0:*    users:(("node",pid=7,fd=20),("node",pid=7,fd=21))
UNCONN 0      0              [::]:5353          [::]:*
nonsense`

const NODE = { name: 'node', pid: 7 }
const DHCP = { port: 67, protocol: 'udp', use: 'DHCP' } as const
const TFTP = { port: 69, protocol: 'udp', use: 'TFTP' } as const
const BOOT_SERVER = { port: 4011, protocol: 'udp', use: 'PXE', isOptional: true } as const
const OTHERS = { port: 68, protocol: 'udp', use: 'a client' } as const
const HTTP = { port: 7080, protocol: 'tcp', use: 'boot HTTP' } as const

describe('listening sockets', () => {
  it('are read with their program', () => {
    expect(parseListeners(SS)).toEqual([
      { address: '10.91.0.1', device: undefined, port: 67, programs: [{ name: 'dnsmasq', pid: 812 }] },
      { address: '0.0.0.0', device: undefined, port: 69, programs: [] },
      { address: '0.0.0.0', device: 'eth1', port: 68, programs: [NODE, NODE] },
      { address: '[::]', device: undefined, port: 5353, programs: [] },
    ])
  })
})

describe('a port', () => {
  it.each([
    ['another program has it', DHCP, undefined, 'fail', /dnsmasq \(812\)/],
    ['another program has it beside our server', DHCP, 7, 'fail', /dnsmasq/],
    ['ours', DHCP, 812, 'ok', /the server listens/],
    ['free, no server', HTTP, undefined, 'ok', /free/],
    ['free, though the server runs', HTTP, 7, 'warn', /does not listen/],
    ['closed, and this server may leave it so', BOOT_SERVER, 7, 'ok', /closed/],
    ['held by nobody knows whom, no server', TFTP, undefined, 'fail', /another user/],
    ['held by nobody knows whom, a server runs', TFTP, 7, 'ok', /run as root/],
  ])('%s', (_what, port, pid, status, detail) => {
    expect(judgePort(port, parseListeners(SS), { pid, links: [] })).toMatchObject({
      status,
      detail: expect.stringMatching(detail),
    })
  })

  it.each([
    ['on its own address only', DHCP, 'eth0', '192.168.122.1', 'ok'],
    ['on our address', DHCP, 'eth0', '10.91.0.1', 'fail'],
    ['on every address', TFTP, 'eth0', '192.168.122.1', 'fail'],
    ['on another interface only', OTHERS, 'eth0', '192.168.122.1', 'ok'],
    ['on our interface', OTHERS, 'eth1', '192.168.122.1', 'fail'],
  ])('that another program has %s', (_what, port, device, address, status) => {
    const links = [{ interface: device, address }]
    expect(judgePort(port, parseListeners(SS), { pid: undefined, links }).status).toBe(status)
  })
})
