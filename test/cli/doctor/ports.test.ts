import { describe, expect, it } from 'vitest'
import { judgePort, parseListeners } from '../../../cli/doctor/ports.ts'

/** As `ss -Hlunp` (iproute2 6.1) prints it, as root and as an ordinary user. */
const SS = `UNCONN 0      0      10.91.0.1:67         0.0.0.0:*    users:(("dnsmasq",pid=812,fd=4))
UNCONN 0      0           0.0.0.0:69         0.0.0.0:*
UNCONN 0      0      0.0.0.0%eth1:68         0.0.0.0:*    users:(("node",pid=7,fd=20),("node",pid=7,fd=21))
UNCONN 0      0              [::]:5353          [::]:*
nonsense`

const DHCP = { port: 67, protocol: 'udp', use: 'DHCP' } as const
const TFTP = { port: 69, protocol: 'udp', use: 'TFTP' } as const
const HTTP = { port: 7080, protocol: 'tcp', use: 'boot HTTP' } as const

describe('listening sockets', () => {
  it('are read with their program', () => {
    expect(parseListeners(SS)).toEqual([
      { address: '10.91.0.1', port: 67, program: 'dnsmasq', pid: 812 },
      { address: '0.0.0.0', port: 69, program: undefined, pid: undefined },
      { address: '0.0.0.0', port: 68, program: 'node', pid: 7 },
      { address: '[::]', port: 5353, program: undefined, pid: undefined },
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
    ['held by nobody knows whom, no server', TFTP, undefined, 'fail', /another user/],
    ['held by nobody knows whom, a server runs', TFTP, 7, 'ok', /run as root/],
  ])('%s', (_what, port, pid, status, detail) => {
    expect(judgePort(port, parseListeners(SS), pid)).toMatchObject({
      status,
      detail: expect.stringMatching(detail),
    })
  })
})
