import { describe, expect, test } from 'vitest'
import { classify } from '../../../server/dhcp/classify.ts'
import { bootTurn } from '../../../server/dhcp/frozen-boot.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import { text } from '../../../server/dhcp/options/value.ts'
import { holdOf, MINE } from './decision-table.ts'
import { BROADCAST, MACHINE, packetOf, SERVER } from './scene.ts'

const OLD = { file: 'old.efi', nextServer: SERVER }
const NEW = { file: 'new.efi', nextServer: SERVER }
const DISCOVER = 1
const REQUEST = 3
const frozen = { stage: 'rom' as const, boot: OLD }

describe('the boot answer of an exchange', () => {
  test.each<[string, number, string, Parameters<typeof holdOf>[2], string | undefined]>([
    ['REQUEST after its OFFER', REQUEST, 'PXEClient', frozen, 'old.efi'],
    ['REQUEST that no longer says it is a ROM', REQUEST, '', frozen, 'old.efi'],
    ['REQUEST of another exchange', REQUEST, 'PXEClient', { ...frozen, xid: 7 }, 'new.efi'],
    ['DISCOVER sent again', DISCOVER, 'PXEClient', frozen, 'old.efi'],
    [
      'DISCOVER with the same xid after the ACK',
      DISCOVER,
      'PXEClient',
      { ...frozen, acknowledged: true },
      'new.efi',
    ],
    ['DISCOVER of another stage with the same xid', DISCOVER, 'HTTPClient', frozen, 'new.efi'],
    ['DISCOVER of a system', DISCOVER, '', { xid: 7 }, undefined],
  ])('%s', (_name, type, vendorClass, hold, expected) => {
    const packet = packetOf({
      options: [
        [OPTION.messageType, [type]],
        [OPTION.vendorClass, [...text(vendorClass)]],
      ],
    })
    const classified = classify(packet, BROADCAST)
    if (classified.kind === 'refused') throw new Error(classified.reason)
    expect(bootTurn(classified.request, holdOf(MACHINE, MINE, hold), () => NEW).boot?.file).toBe(expected)
  })
})
