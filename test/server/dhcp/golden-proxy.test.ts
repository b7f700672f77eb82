import { expect, test } from 'vitest'
import { linkSceneOf } from './link-scene.ts'
import { recordedAs } from './recorded.ts'
import { ip } from './scene.ts'

const hexText = (text: string) => Buffer.from(text).toString('hex')

/** The datagram as the specification prints it for 10.77.0.2 and a UEFI x64 ROM. */
function golden(header: string, type: string): string {
  const fixed = `${header.replaceAll(' ', '')}52540077000100000000000000000000`
  const names = hexText('10.77.0.2').padEnd(128, '0') + hexText('snponly-x64.efi').padEnd(256, '0')
  const options = [
    `3501${type}`,
    '36040a4d0002',
    '3c09505845436c69656e74',
    '2b04060108ff',
    '420a31302e37372e302e3200',
    '4310736e706f6e6c792d7836342e65666900',
    '611100443322116655887799aabbccddeeff00',
  ]
  return `${fixed}${names}63825363${options.join('')}ff`.padEnd(600, '0')
}

test('D.3: the OFFER of a proxy', async () => {
  const { ask } = await linkSceneOf()
  const sent = await ask(recordedAs('dhcp_ovmf_pxe_discover'))
  expect(sent?.bytes).toHaveLength(316)
  expect(Buffer.from(sent?.bytes ?? []).toString('hex')).toBe(
    golden('02010600 11223344 00008000 00000000 00000000 0a4d0002 00000000', '02'),
  )
  expect(sent?.to).toEqual({ address: '255.255.255.255', port: 68 })
})

test('D.4: the ACK of a boot server on port 4011', async () => {
  const { askBootServer } = await linkSceneOf()
  const packet = { ...recordedAs('dhcp_ovmf_pxe_request'), flags: 0, ciaddr: ip('10.77.0.50') }
  const options = new Map([...packet.options].filter(([code]) => code !== 50 && code !== 54))
  const source = { address: ip('10.77.0.50'), port: 4011, delivery: 'unicast' as const }
  const sent = await askBootServer({ ...packet, options }, source)
  expect(sent?.bytes).toHaveLength(316)
  expect(Buffer.from(sent?.bytes ?? []).toString('hex')).toBe(
    golden('02010600 11223344 00000000 0a4d0032 00000000 0a4d0002 00000000', '05'),
  )
  expect([sent?.to, sent?.port]).toEqual([{ address: '10.77.0.50', port: 4011 }, 4011])
})
