import { expect, test } from 'vitest'
import type { Mac } from '../../../../config/values/mac.ts'
import { macFromBytes } from '../../../../config/values/mac.ts'
import { OPTION } from '../../../../server/dhcp/options/code.ts'
import { linkSceneOf, PROXY } from '../link-scene.ts'
import { recordedAs } from '../recorded.ts'
import { ip, MACHINE, octets, textOption } from '../scene.ts'

type Scene = Awaited<ReturnType<typeof linkSceneOf>>

/** A ROM's DISCOVER of a new exchange, three seconds after the one before. */
async function tryAgain(scene: Scene, who: Mac = MACHINE) {
  scene.clock.nowMs += 3_000
  return scene.ask({ ...recordedAs('dhcp_ovmf_pxe_discover', who), xid: scene.clock.nowMs })
}

/** The parts of an offer that styles differ in. */
function look(sent: Awaited<ReturnType<typeof tryAgain>>) {
  const { packet } = sent ?? {}
  return [
    packet?.options.has(60) ? '60' : '',
    packet?.options.has(43) ? '43' : '',
    packet?.file === '' ? '' : 'file',
    packet?.options.has(67) ? '67' : '',
    packet?.options.has(97) ? '97' : '',
  ]
    .filter(part => part !== '')
    .join(' ')
}

const UEFI_LOOKS = [
  '60 43 file 67 97',
  '60 97',
  'file 67 97',
  '60 43 file 67 97',
  '60 43 file',
  '60 43 file 67 97',
]

test('a UEFI that follows nothing is offered every style in turn, then told of, then all over again', async () => {
  const scene = await linkSceneOf()
  const looks = []
  for (const _style of UEFI_LOOKS) looks.push(look(await tryAgain(scene)))
  expect(looks).toEqual(UEFI_LOOKS)
  expect(look(await tryAgain(scene))).toBe(UEFI_LOOKS[0])
  const advice =
    'uefi followed no offer; set by hand in the DHCP server of this LAN: option 66 = 10.77.0.2, option 67 = snponly-x64.efi'
  expect(scene.lines).toContain(advice)
  expect(scene.events).toContainEqual(
    expect.objectContaining({ stage: 'failed', detail: advice, mac: MACHINE }),
  )
})

test('a fetch makes the style the first one, after a restart too', async () => {
  const scene = await linkSceneOf()
  for (const _try of [1, 2, 3]) await tryAgain(scene)
  scene.parts.contact({ mac: MACHINE, what: 'tftp' })
  expect(look(await tryAgain(scene))).toBe('file 67 97')
  await scene.styles.idle()
  const restarted = await linkSceneOf({ store: scene.store, clock: scene.clock })
  expect(look(await tryAgain(restarted))).toBe('file 67 97')
  expect(look(await tryAgain(restarted))).toBe('60 43 file 67 97')
})

test("the loader's own DISCOVER is proof enough that its firmware followed", async () => {
  const scene = await linkSceneOf()
  for (const _try of [1, 2]) await tryAgain(scene)
  await scene.ask(recordedAs('dhcp_ovmf_pxe_ipxe_discover'))
  expect(scene.styles.recall(MACHINE, 'uefi')).toBe('redirect')
})

test.each([
  [
    'the REQUEST with which it took its address from the router',
    async (scene: Scene) => {
      const request = recordedAs('dhcp_ovmf_pxe_request')
      const chosen = [
        [OPTION.requestedIp, Uint8Array.from(octets(ip('10.77.0.50')))],
        [OPTION.serverId, Uint8Array.from(octets(ip('10.77.0.1')))],
      ] as const
      await scene.ask({ ...request, options: new Map([...request.options, ...chosen]) })
    },
  ],
  [
    'its question on port 4011',
    async (scene: Scene) => {
      const source = { address: ip('10.77.0.50'), port: 4011, delivery: 'unicast' as const }
      await scene.askBootServer(recordedAs('dhcp_ovmf_pxe_request_4011'), source)
    },
  ],
  ["the kernel's neighbour table", async () => undefined],
])('a proxy knows a client that fetches from: %s', async (_name, teach) => {
  const scene = await linkSceneOf({
    neighbourMac: async () => (_name.startsWith('the kernel') ? MACHINE : undefined),
  })
  await tryAgain(scene)
  await teach(scene)
  scene.parts.contact({ ip: ip('10.77.0.50'), what: 'tftp' })
  await new Promise(resolve => setImmediate(resolve))
  expect(scene.styles.recall(MACHINE, 'uefi')).toBe('direct')
  expect(await scene.parts.machineAt(ip('10.77.0.50'))).toBe(MACHINE)
})

test('where we lease, OFFER and ACK of one exchange are in one style, and `request` is left out', async () => {
  const scene = await linkSceneOf({ role: 'authoritative' })
  await tryAgain(scene)
  const offer = await tryAgain(scene)
  expect(look(offer)).toBe('60 97')
  const request = recordedAs('dhcp_ovmf_pxe_request')
  const chosen = [
    [OPTION.requestedIp, Uint8Array.from(octets(offer?.packet.yiaddr ?? PROXY))],
    [OPTION.serverId, Uint8Array.from(octets(PROXY))],
  ] as const
  const options = new Map([...request.options, ...chosen])
  expect(look(await scene.ask({ ...request, xid: scene.clock.nowMs, options }))).toBe('60 97')
  const looks = []
  for (const _try of [3, 4, 5, 6]) looks.push(look(await tryAgain(scene)))
  expect(looks).toEqual([...UEFI_LOOKS.slice(2, 5), UEFI_LOOKS[0]])
})

test("an operator's style is the only one", async () => {
  const scene = await linkSceneOf({ fixedStyle: mac => (mac === MACHINE ? 'plain' : undefined) })
  for (const _try of [1, 2, 3]) expect(look(await tryAgain(scene))).toBe('file 67 97')
})

test('UEFI HTTP boot is offered its URL in `file` too when option 67 does not do', async () => {
  const scene = await linkSceneOf()
  const first = await scene.ask(recordedAs('dhcp_ovmf_http_discover'))
  scene.clock.nowMs += 11_000
  const second = await scene.ask(recordedAs('dhcp_ovmf_http_discover'))
  expect([first?.packet.file, second?.packet.file]).toEqual(['', 'http://10.77.0.2:8080/boot.ipxe'])
  expect(textOption(second?.packet, OPTION.vendorClass)).toBe('HTTPClient')
})

test('made-up machines push each other out, and none is remembered', async () => {
  const scene = await linkSceneOf()
  await tryAgain(scene)
  for (let number = 0; number < 16_400; number += 1) {
    const who = macFromBytes(Uint8Array.of(2, 0, 0, 0, number >> 8, number & 255))
    await scene.ask(recordedAs('dhcp_ovmf_pxe_discover', who))
  }
  // Its trial was forgotten: the first style again, although it follows none.
  expect(look(await tryAgain(scene))).toBe(UEFI_LOOKS[0])
  expect(await scene.store.list('boot/style/')).toEqual([])
})
