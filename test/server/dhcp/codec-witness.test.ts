import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { macToBytes } from '../../../config/values/mac.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import { text } from '../../../server/dhcp/options/value.ts'
import { discover, MACHINE, sceneOf, subnetOf } from './scene.ts'

/** The codec of the npm package `dhcp`, written by somebody else: our packets must mean the same to it. */
type Witness = {
  readonly protocol: {
    parse(
      bytes: Buffer,
    ): Readonly<Record<string, unknown>> & { readonly options: Readonly<Record<number, unknown>> }
    format(packet: unknown): { readonly _data: Buffer; readonly _w: number }
  }
  readonly options: { readonly opts: Record<number, unknown>; addOption(code: number, option: unknown): void }
}
const require = createRequire(import.meta.url)
const witness: Witness = {
  protocol: require('dhcp/lib/protocol.js'),
  options: require('dhcp/lib/options.js'),
}

/** Options the package lacks, or reads as text where they are octets; its table is shared, so they go again. */
const RAW = [OPTION.vendorSpecific, OPTION.clientId, OPTION.relayAgent, OPTION.machineId, OPTION.ipxe]
const before = new Map(RAW.map(code => [code, witness.options.opts[code]]))
beforeAll(() => {
  for (const code of RAW)
    witness.options.addOption(code, { name: `option ${code}`, type: 'UInt8s', attr: `o${code}` })
})
afterAll(() => {
  for (const [code, option] of before) {
    if (option === undefined) delete witness.options.opts[code]
    else witness.options.opts[code] = option
  }
})

const machineId = [0, ...Array.from({ length: 16 }, (_, index) => index)]
const rom = discover(MACHINE, [
  [OPTION.vendorClass, [...text('PXEClient:Arch:00007:UNDI:003000')]],
  [OPTION.clientArch, [0, 7]],
  [OPTION.clientId, [1, ...macToBytes(MACHINE)]],
  [OPTION.machineId, machineId],
  [OPTION.relayAgent, [1, 2, 65, 66]],
])

test('our OFFER means the same to another codec', async () => {
  const { ask, sent } = await sceneOf(subnetOf({ domain: 'lan', dns: ['10.77.0.1', '10.77.0.2'] }), {
    nowMs: 0,
  })
  const offer = await ask(rom)
  const read = witness.protocol.parse(Buffer.from(sent[0]?.bytes ?? []))
  expect(read).toMatchObject({
    op: 2,
    xid: 0x1122_3344,
    yiaddr: offer?.yiaddr,
    siaddr: '10.77.0.1',
    sname: '10.77.0.1',
    file: 'snponly-x64.efi',
    magicCookie: 0x6382_5363,
  })
  expect(String(read['chaddr']).toLowerCase()).toBe(MACHINE.replaceAll(':', '-'))
  expect(read.options).toMatchObject({
    1: '255.255.255.0',
    3: ['10.77.0.1'],
    6: ['10.77.0.1', '10.77.0.2'],
    15: 'lan',
    28: '10.77.0.255',
    43: [6, 1, 8, 255],
    51: 900,
    53: 2,
    54: '10.77.0.1',
    58: 450,
    59: 787,
    60: 'PXEClient',
    61: [1, 0x52, 0x54, 0, 0x77, 0, 1],
    66: '10.77.0.1',
    67: 'snponly-x64.efi',
    82: [1, 2, 65, 66],
    97: machineId,
  })
})
