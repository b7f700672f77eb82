import { describe, expect, it } from 'vitest'
import {
  invitedFiles,
  judgeOtherServers,
  judgeOwnOffer,
  type LanAnswer,
  MACHINES,
} from '../../../cli/doctor/offers.ts'

const OWN = {
  arch: 7,
  server: '10.0.0.2',
  address: '10.0.0.120',
  nextServer: '10.0.0.2',
  file: 'snponly.efi',
}
const ROUTER = { arch: 7, server: '10.0.0.1', address: '10.0.0.50', nextServer: '10.0.0.1', file: '' }
const PROXY = { ...OWN, address: '0.0.0.0' }
const answer = (...offers: (typeof OWN)[]): LanAnswer => ({ kind: 'offers', offers })
const UNASKED: LanAnswer = { kind: 'unasked', reason: 'no port 68', remedy: 'be root' }

describe('other DHCP servers', () => {
  it.each([
    ['we lease alone', 'authoritative', answer(OWN), 'ok'],
    ['two lease', 'authoritative', answer(OWN, ROUTER), 'fail'],
    ['a proxy beside a router', 'proxy', answer(PROXY, ROUTER), 'ok'],
    ['a proxy alone', 'proxy', answer(PROXY), 'warn'],
    ['a router that boots machines too', 'proxy', answer(PROXY, { ...ROUTER, file: 'pxelinux.0' }), 'warn'],
    ['no server of ours, a router', undefined, answer(ROUTER), 'ok'],
    ['not asked', 'authoritative', UNASKED, 'skipped'],
  ])('%s', (_what, mode, lan, status) => {
    expect(judgeOtherServers('eth1', lan, { address: '10.0.0.2', mode }).status).toBe(status)
  })

  it('that are gone need a restart also in mode auto, for a proxy never leases by itself', () => {
    const own = { address: '10.0.0.2', mode: 'proxy' }
    expect(judgeOtherServers('eth1', answer(PROXY), own).remedy).toContain('restart godwit serve')
  })

  it('are named', () => {
    const own = { address: '10.0.0.2', mode: 'authoritative' }
    expect(judgeOtherServers('eth1', answer(OWN, ROUTER), own).detail).toContain('10.0.0.1')
  })
})

describe('our own offer', () => {
  it.each([
    ['is there', 'authoritative', answer(OWN), 'ok'],
    ['is there as a proxy', 'proxy', answer(ROUTER, PROXY), 'ok'],
    ['is missing', 'authoritative', answer(ROUTER), 'fail'],
    ['names no file', 'authoritative', answer({ ...OWN, file: '' }), 'fail'],
    ['comes later: the server still looks for others', 'nothing', answer(ROUTER), 'skipped'],
    ['is not wanted', 'off', answer(ROUTER), 'skipped'],
    ['cannot be: no server', undefined, answer(ROUTER), 'skipped'],
  ])('%s', (_what, mode, lan, status) => {
    const [uefi = { arch: 7, what: '' }] = MACHINES
    expect(judgeOwnOffer('eth1', lan, { address: '10.0.0.2', mode }, uefi).status).toBe(status)
  })

  it('is wanted for each kind of machine', () => {
    const own = { address: '10.0.0.2', mode: 'authoritative' }
    const status = MACHINES.map(machine => judgeOwnOffer('eth1', answer(OWN), own, machine).status)
    expect(status).toEqual(['ok', 'fail'])
  })
})

describe('the files to fetch', () => {
  it('are those our own server names, by TFTP, each once', () => {
    const bios = { ...OWN, arch: 0, file: 'undionly.kpxe' }
    const byHttp = { ...OWN, arch: 16, file: 'http://10.0.0.2:7080/loaders/snponly.efi' }
    const lan = answer(OWN, bios, bios, byHttp, { ...ROUTER, file: 'pxelinux.0' })
    expect(invitedFiles(lan, { address: '10.0.0.2', mode: 'authoritative' })).toEqual([
      'snponly.efi',
      'undionly.kpxe',
    ])
    expect(invitedFiles(UNASKED, { address: '10.0.0.2', mode: undefined })).toEqual([])
  })
})
