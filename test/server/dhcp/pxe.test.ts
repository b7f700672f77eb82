import { describe, expect, test } from 'vitest'
import { macFromBytes } from '../../../config/values/mac.ts'
import { decideBoot } from '../../../server/boot/answer.ts'
import type { BootFor } from '../../../server/dhcp/boot-client.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import { linkSceneOf, PROXY } from './link-scene.ts'
import { recordedAs } from './recorded.ts'
import { discover, MACHINE, octets, packetOf, select, textOption, typeOf } from './scene.ts'

const ACK = 5
const NOT_FOR_SYSTEMS = [OPTION.vendorSpecific, OPTION.vendorClass, OPTION.tftpServer, OPTION.bootFile]
/** The real boot decision. */
const bootFor: BootFor = client => {
  const loaders = new Set(['undionly.kpxe', 'snponly.efi'])
  const decision = decideBoot(client, { address: PROXY, httpPort: 7080, loaders, machines: [] })
  return decision.kind === 'boot' ? decision.answer : undefined
}
const leasing = () => linkSceneOf({ role: 'authoritative', bootFor })
const SCRIPT = `http://${PROXY}:7080/boot.ipxe`
const rom = recordedAs('dhcp_ovmf_pxe_discover')
const loader = recordedAs('dhcp_ovmf_pxe_ipxe_discover')
/** An iPXE as VirtualBox builds it in: it says its name, and has no HTTP (175 without 0x13). */
const crippled = {
  ...loader,
  options: new Map([...loader.options, [OPTION.ipxe, Uint8Array.of(0x15, 1, 1, 0xeb, 3, 1, 0, 0)] as const]),
}

test('C094 a PXE client gets 60, 43, siaddr, file, 66, 67 and its own 97', async () => {
  const { ask } = await leasing()
  const { packet } = (await ask(rom)) ?? {}
  expect(packet?.options.get(OPTION.vendorClass)).toEqual(Uint8Array.from(Buffer.from('PXEClient')))
  expect(packet?.options.get(OPTION.vendorSpecific)).toEqual(Uint8Array.of(6, 1, 8, 0xff))
  expect([packet?.siaddr, packet?.sname, packet?.file]).toEqual([PROXY, PROXY, 'snponly.efi'])
  expect(packet?.options.get(OPTION.tftpServer)).toEqual(Uint8Array.from(Buffer.from(`${PROXY}\0`)))
  expect(packet?.options.get(OPTION.bootFile)).toEqual(Uint8Array.from(Buffer.from('snponly.efi\0')))
  expect(packet?.options.get(OPTION.machineId)).toEqual(rom.options.get(OPTION.machineId))
})

test.each([
  ['C095 a system gets none of 43, 60, 66, 67', discover(MACHINE)],
  ['C095 neither does one that asks for them', discover(MACHINE, [[OPTION.parameterList, [43, 60, 66, 67]]])],
  ['C095 nor a recorded dhclient', recordedAs('dhcp_dhclient_discover')],
])('%s', async (_name, packet) => {
  const { ask } = await leasing()
  const sent = await ask(packet)
  expect(typeOf(sent?.packet)).toBe(2)
  for (const code of NOT_FOR_SYSTEMS) expect(sent?.packet.options.has(code)).toBe(false)
  expect([sent?.packet.file, sent?.packet.siaddr]).toEqual(['', '0.0.0.0'])
})

test('C096 a ROM without option 97 is served, and given none', async () => {
  const { ask } = await leasing()
  const options = new Map([...rom.options].filter(([code]) => code !== OPTION.machineId))
  const { packet } = (await ask({ ...rom, options })) ?? {}
  expect(packet?.file).toBe('snponly.efi')
  expect(packet?.options.has(OPTION.machineId)).toBe(false)
})

test.each([
  ['C099 iPXE of a NIC gets the script, not a loader', 'dhcp_seabios_e1000rom_ipxe_discover'],
  ['C099 so does our own loader after UEFI', 'dhcp_ovmf_pxe_ipxe_discover'],
  ['C099 and after UEFI HTTP boot', 'dhcp_ovmf_http_ipxe_discover'],
])('%s', async (_name, capture) => {
  for (const role of ['authoritative', 'proxy'] as const) {
    const { ask } = await linkSceneOf({ role, bootFor })
    expect((await ask(recordedAs(capture)))?.packet.file).toBe(SCRIPT)
  }
})

describe('loops', () => {
  test('C100 an iPXE without HTTP gets our loader once; if it is still one after that, the script that says so', async () => {
    const { ask, parts } = await leasing()
    expect((await ask(crippled))?.packet.file).toBe('snponly.efi')
    parts.contact({ mac: MACHINE, what: 'tftp', loader: 'snponly.efi' })
    expect((await ask({ ...crippled, xid: 2 }))?.packet.file).toBe('loop.ipxe')
  })

  test('C100 a reset within two minutes is no loop: our loader was seen to run in between', async () => {
    const { ask, parts } = await leasing()
    await ask(crippled)
    parts.contact({ mac: MACHINE, what: 'tftp', loader: 'snponly.efi' })
    expect((await ask({ ...loader, xid: 2 }))?.packet.file).toBe(SCRIPT)
    expect((await ask({ ...crippled, xid: 3 }))?.packet.file).toBe('snponly.efi')
  })

  test('C102 the fifth loader within 120 s trips the counter, and two quiet minutes reset it', async () => {
    const { ask, parts, clock } = await leasing()
    for (let download = 1; download <= 5; download += 1) {
      expect((await ask({ ...loader, xid: download }))?.packet.file).toBe(SCRIPT)
      parts.contact({ mac: MACHINE, what: 'tftp', loader: 'snponly.efi' })
      clock.nowMs += 20_000
    }
    expect((await ask({ ...loader, xid: 6 }))?.packet.file).toBe('loop.ipxe')
    clock.nowMs += 120_000
    expect((await ask({ ...loader, xid: 7 }))?.packet.file).toBe(SCRIPT)
  })
})

test('C101 iPXE is told not to wait for a proxy where we lease, and never by a proxy', async () => {
  const { ask, state } = await leasing()
  const pack = async () => (await ask(loader))?.packet.options.get(OPTION.ipxe)
  expect(await pack()).toEqual(Uint8Array.of(0xb0, 1, 1, 0xff))
  state.role = 'proxy'
  expect(await pack()).toBeUndefined()
})

test('C112 UEFI HTTP boot gets `HTTPClient` and a URL with an address in it, in option 67', async () => {
  const { ask } = await leasing()
  const { packet } = (await ask(recordedAs('dhcp_ovmf_http_discover'))) ?? {}
  expect(packet?.options.get(OPTION.vendorClass)).toEqual(Uint8Array.from(Buffer.from('HTTPClient')))
  expect(textOption(packet, OPTION.bootFile)).toBe(`http://${PROXY}:7080/loaders/snponly.efi`)
  expect(packet?.options.has(OPTION.vendorSpecific)).toBe(false)
})

describe('Raspberry Pi', () => {
  const pi = macFromBytes(Uint8Array.of(0xb8, 0x27, 0xeb, 1, 2, 3))
  const vendorClass = [...Buffer.from('PXEClient:Arch:00000:UNDI:002001')]
  const piDiscover = packetOf({
    mac: pi,
    xid: 0x26f3_0339,
    options: [
      [OPTION.messageType, [1]],
      [OPTION.vendorClass, vendorClass],
      [OPTION.clientArch, [0, 0]],
      [OPTION.parameterList, [43, 60, 66]],
    ],
  })

  test('C115 a Pi gets its menu with three trailing spaces, before 66, and mask and router unasked', async () => {
    for (const role of ['authoritative', 'proxy'] as const) {
      const { ask } = await linkSceneOf({ role, bootFor })
      const { packet } = (await ask(piDiscover)) ?? {}
      const hex = '0601030a040050584509170000145261737062657272792050692042 6f6f74202020ff'.replaceAll(
        ' ',
        '',
      )
      expect(Buffer.from(packet?.options.get(OPTION.vendorSpecific) ?? []).toString('hex')).toBe(hex)
      const codes = [...(packet?.options.keys() ?? [])]
      expect(codes.indexOf(43)).toBeLessThan(codes.indexOf(66))
      expect(textOption(packet, OPTION.tftpServer)).toBe(PROXY)
      if (role === 'authoritative') expect(codes).toEqual(expect.arrayContaining([1, 3]))
    }
  })

  test('C115 its offer is held for ten minutes: it uses the address and never asks for it', async () => {
    const { ask, leases, clock } = await leasing()
    const address = (await ask(piDiscover))?.packet.yiaddr ?? PROXY
    expect(leases.table.holdAt(address, clock.nowMs + 599_000)?.mac).toBe(pi)
    expect(leases.table.holdAt(address, clock.nowMs + 600_001)).toBeUndefined()
  })

  test('C115 the REQUEST of a Pi 4 says nothing of PXE, and is answered as its DISCOVER was', async () => {
    const { ask } = await leasing()
    const address = (await ask(piDiscover))?.packet.yiaddr ?? PROXY
    const { packet } = (await ask({ ...select(pi, address, PROXY), xid: 0x26f3_0339 })) ?? {}
    expect(typeOf(packet)).toBe(ACK)
    expect(packet?.options.has(OPTION.vendorSpecific)).toBe(true)
  })

  test('a Pi with UEFI on it is a UEFI machine', async () => {
    const { ask } = await linkSceneOf()
    const options = new Map([...piDiscover.options, [OPTION.clientArch, Uint8Array.of(0, 11)] as const])
    const { packet } = (await ask({ ...piDiscover, options })) ?? {}
    expect(packet?.options.get(OPTION.vendorSpecific)).toEqual(Uint8Array.of(6, 1, 8, 0xff))
  })
})

test('C116 a change of configuration between OFFER and ACK does not change the boot answer', async () => {
  let file = 'old.efi'
  const scene = await linkSceneOf({ role: 'authoritative', bootFor: () => ({ file, nextServer: PROXY }) })
  const address = (await scene.ask(rom))?.packet.yiaddr ?? PROXY
  file = 'new.efi'
  const request = recordedAs('dhcp_ovmf_pxe_request')
  const chosen = [
    [OPTION.requestedIp, Uint8Array.from(octets(address))],
    [OPTION.serverId, Uint8Array.from(octets(PROXY))],
  ] as const
  const ack = await scene.ask({ ...request, options: new Map([...request.options, ...chosen]) })
  expect([ack?.packet.file, textOption(ack?.packet, OPTION.bootFile)]).toEqual(['old.efi', 'old.efi'])
  expect((await scene.ask({ ...rom, xid: 99 }))?.packet.file).toBe('new.efi')
})

test('C160 a server restarted between OFFER and REQUEST acknowledges what it no longer knows it offered', async () => {
  const before = await leasing()
  const address = (await before.ask(rom))?.packet.yiaddr ?? PROXY
  const after = await linkSceneOf({
    role: 'authoritative',
    bootFor,
    store: before.store,
    clock: before.clock,
  })
  const request = recordedAs('dhcp_ovmf_pxe_request')
  const chosen = [
    [OPTION.requestedIp, Uint8Array.from(octets(address))],
    [OPTION.serverId, Uint8Array.from(octets(PROXY))],
  ] as const
  const ack = await after.ask({ ...request, options: new Map([...request.options, ...chosen]) })
  expect([typeOf(ack?.packet), ack?.packet.yiaddr, ack?.packet.file]).toEqual([ACK, address, 'snponly.efi'])
  expect(after.leases.table.leaseAt(address)?.mac).toBe(MACHINE)
})
