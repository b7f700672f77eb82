import { describe, expect, it } from 'vitest'
import { findingsTable } from '../../../cli/commands/doctor.ts'
import { firstDifference, judgeContent, judgeRange } from '../../../cli/doctor/contents.ts'
import { judgeCounters } from '../../../cli/doctor/counters.ts'
import { exitStatusOf, fail, ok, summaryOf, warn } from '../../../cli/doctor/finding.ts'
import { judgeFirewall } from '../../../cli/doctor/firewall.ts'
import { judgeClock, judgeDisk, judgeLink, judgeTool, judgeWaiting } from '../../../cli/doctor/host-state.ts'

const octets = (...values: number[]) => Uint8Array.from(values)

describe('a finding', () => {
  it('fails the command only when it is a failure', () => {
    expect(exitStatusOf([ok('a', ''), warn('b', '', '')])).toBe(0)
    expect(exitStatusOf([ok('a', ''), fail('b', '', '')])).toBe(1)
  })

  it('is shown with its remedy, and counted', () => {
    const findings = [ok('a', 'fine'), warn('b', 'so so', 'do this'), fail('c', 'bad', 'do that')]
    expect(findingsTable(findings)).toMatch(/FAIL +c +bad\n +-> do that/)
    expect(summaryOf(findings)).toBe('1 ok, 1 warning, 1 failed, 0 skipped')
  })
})

describe('what was fetched', () => {
  it.each([
    ['the same', octets(1, 2, 3), 'ok'],
    ['another octet', octets(1, 9, 3), 'fail'],
    ['cut short', octets(1, 2), 'fail'],
    ['too long', octets(1, 2, 3, 4), 'fail'],
  ])('%s', (_what, bytes, status) => {
    expect(judgeContent('x', { kind: 'bytes', bytes, ms: 1 }, octets(1, 2, 3), '').status).toBe(status)
  })

  it('is compared to the first difference', () => {
    expect(firstDifference(octets(1, 2), octets(1, 3))).toBe(1)
    expect(firstDifference(octets(1), octets(1, 3))).toBe(1)
    expect(firstDifference(octets(), octets())).toBeUndefined()
  })

  it('must be exactly the part asked for', () => {
    const answer = { status: 206, contentRange: 'bytes 4-6/9', bytes: octets(5, 6, 7) }
    const judge = (changes: object) =>
      judgeRange('r', { ...answer, ...changes }, 4, octets(5, 6, 7), 9).status
    expect(judge({})).toBe('ok')
    expect(judge({ status: 200 })).toBe('fail')
    expect(judge({ contentRange: 'bytes 4-7/9' })).toBe('fail')
    expect(judge({ contentRange: undefined })).toBe('fail')
    expect(judge({ bytes: octets(5, 6, 8) })).toBe('fail')
  })
})

const PORTS = [{ port: 67, protocol: 'udp', use: 'DHCP' } as const]
const NOTHING = { nft: undefined, iptables: undefined, ufw: undefined, firewalld: undefined }
const NFT_OPEN = '{"nftables": []}'

describe('the firewall', () => {
  it.each([
    ['not asked', NOTHING, 'skipped'],
    ['no rules', { ...NOTHING, nft: NFT_OPEN }, 'ok'],
    ['nft drops', { ...NOTHING, nft: nftInput('drop') }, 'fail'],
    ['nft accepts', { ...NOTHING, nft: nftInput('accept') }, 'ok'],
    ['nft says nothing we can read', { ...NOTHING, nft: 'table inet filter {}' }, 'ok'],
    ['iptables drops', { ...NOTHING, nft: NFT_OPEN, iptables: '-P INPUT DROP\n' }, 'warn'],
    ['iptables drops, but our port', { ...NOTHING, iptables: '-P INPUT DROP\n-A INPUT --dport 67\n' }, 'ok'],
    ['iptables accepts', { ...NOTHING, iptables: '-P INPUT ACCEPT\n' }, 'ok'],
    ['ufw is active', { ...NOTHING, ufw: 'Status: active\n' }, 'warn'],
    ['ufw is not', { ...NOTHING, ufw: 'Status: inactive\n' }, 'ok'],
    ['firewalld runs', { ...NOTHING, firewalld: 'running\n' }, 'warn'],
  ])('%s', (_what, state, status) => {
    expect(judgeFirewall(state, PORTS, 'eth1').status).toBe(status)
  })
})

function nftInput(policy: string): string {
  const chain = { family: 'ip', table: 'filter', name: 'INPUT', hook: 'input', policy }
  return JSON.stringify({ nftables: [{ metainfo: {} }, { chain }] })
}

describe('the host', () => {
  it('needs space, programs, a clock and a link', () => {
    expect(judgeDisk('state', '/x', 2 ** 20).status).toBe('fail')
    expect(judgeDisk('state', '/x', 2 ** 30).status).toBe('warn')
    expect(judgeDisk('state', '/x', 2 ** 40).status).toBe('ok')
    const tool = { name: 'radvd', use: '', package: 'radvd' }
    expect(judgeTool(tool, true).status).toBe('ok')
    expect(judgeTool(tool, false)).toMatchObject({ status: 'warn', remedy: expect.stringContaining('radvd') })
    expect(judgeClock(0).status).toBe('fail')
    expect(judgeClock(Date.UTC(2030, 0, 1)).status).toBe('ok')
    expect(judgeLink({ interface: 'eth1', address: undefined, isUp: false }).status).toBe('fail')
    expect(judgeLink({ interface: 'eth1', address: '10.0.0.1', isUp: false }).status).toBe('warn')
    expect(judgeLink({ interface: 'eth1', address: '10.0.0.1', isUp: true }).status).toBe('ok')
  })
})

describe('interfaces the server waits for', () => {
  it('are worth a look, each with its reason', () => {
    const links = [
      { interface: 'eth1', problem: null },
      { interface: 'eth2', problem: 'it has no address yet' },
    ]
    expect(judgeWaiting(links)).toMatchObject([
      { check: 'interface eth2', status: 'warn', detail: 'it has no address yet' },
    ])
  })
})

describe('counters', () => {
  it('say what means trouble, and what to do', () => {
    expect(judgeCounters({ 'dhcp: offer: new': 4 })).toMatchObject([{ status: 'ok' }])
    expect(judgeCounters({ 'tftp: socket error': 1 })).toMatchObject([{ status: 'warn' }])
    expect(judgeCounters({ 'dhcp: exhausted: no address left': 4, 'tftp: complete': 2 })).toMatchObject([
      { status: 'warn', detail: 'dhcp: exhausted: no address left: 4 times' },
    ])
  })
})
