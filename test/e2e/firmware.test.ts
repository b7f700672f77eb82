import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LabConfig, LabFirmware, LabNic } from '../../config/lab.ts'
import type { NodeView } from '../../protocol/node.ts'
import { until } from './godwit.ts'
import { buildDefaultImage } from './image.ts'
import { openRig, type Rig } from './rig.ts'

/** Without KVM, seven machines share two cores: each stage takes many times as long as on a PC. */
const READY_LIMIT_MS = 480_000

/** One machine of each kind: name, firmware, card, and the loader it is offered (none: its ROM is an iPXE). */
const MACHINES: readonly {
  readonly name: string
  readonly firmware: LabFirmware
  readonly nic?: LabNic
  readonly loader?: string
}[] = [
  { name: 'virtio', firmware: 'bios', nic: 'virtio' },
  { name: 'e1000', firmware: 'bios', nic: 'e1000' },
  { name: 'rtl8139', firmware: 'bios', nic: 'rtl8139' },
  { name: 'pcnet', firmware: 'bios', nic: 'pcnet' },
  { name: 'uefi', firmware: 'uefi', loader: 'snponly.efi' },
  { name: 'ia32', firmware: 'uefi32', loader: 'grub-ia32.efi' },
  { name: 'http', firmware: 'uefi-http', loader: 'snponly.efi' },
]

beforeAll(() => buildDefaultImage())

/** How long the first machines have the host for themselves. */
const HEAD_START_MS = 180_000

/** A lab with all of {@link MACHINES}: first those with a BIOS at once, then those with UEFI. */
function machinesIn(dhcp: LabConfig['dhcp']) {
  let rig: Rig
  const macs = new Map<string, string>()
  const add = async ({ name, firmware, nic }: (typeof MACHINES)[number]) =>
    macs.set(name, await rig.add({ name, firmware, nic }))
  beforeAll(async () => {
    rig = await openRig({ dhcp, memoryMiB: 1024 })
    for (const machine of MACHINES.filter(one => one.firmware === 'bios')) await add(machine)
    const started = macs.size
    const isReady = async () => (await rig.nodes()).filter(one => one.state === 'ready').length === started
    await until('the first to be ready', async () => (await isReady()) || undefined, HEAD_START_MS).catch(
      () => undefined, // the tests tell which is missing
    )
    for (const machine of MACHINES.filter(one => one.firmware !== 'bios')) await add(machine)
  })
  afterAll(() => rig?.close())

  /** The machine as a node, once it is ready; it has come the way it was meant to. */
  return async (name: string): Promise<NodeView> => {
    const node = await until(
      `${name} to be ready`,
      async () => (await rig.nodes()).find(one => one.mac === macs.get(name) && one.state === 'ready'),
      READY_LIMIT_MS,
      1000,
    )
    const { stages: seen } = node.boot
    const loader = MACHINES.find(machine => machine.name === name)?.loader ?? 'boot.ipxe'
    // As a proxy our answer to an iPXE is the last word of its DHCP, hence the stage "ipxe".
    const offer = seen.find(stage => stage.name === 'dhcp-offer' || stage.name === 'ipxe')
    expect(offer?.detail).toMatch(new RegExp(`-> (\\S*/)?${loader}$`))
    const stages = seen.map(stage => stage.name)
    expect(stages).toEqual(expect.arrayContaining(['script', 'kernel', 'initrd', 'network', 'ready']))
    return node
  }
}

describe('godwit is the only DHCP server', () => {
  const readyNode = machinesIn('godwit')

  it.each([
    ['C150 SeaBIOS with the iPXE ROM of a virtio card is ready', 'virtio'],
    ['C150 SeaBIOS with the iPXE ROM of an e1000 card is ready', 'e1000'],
    ['C150 SeaBIOS with the iPXE ROM of an rtl8139 card is ready', 'rtl8139'],
    ['C150 SeaBIOS with the iPXE ROM of a pcnet card is ready', 'pcnet'],
    ['C152 UEFI x64 by PXE is ready', 'uefi'],
    ['C153 UEFI x64 by HTTP boot is ready', 'http'],
    ['UEFI IA32 by PXE is ready', 'ia32'],
  ])('%s', async (_title, name) => {
    await readyNode(name)
  })
})

describe("beside a router's DHCP server", () => {
  const readyNode = machinesIn('beside')

  it.each([
    ['C154 SeaBIOS with the iPXE ROM of a virtio card is ready, its address from the router', 'virtio'],
    ['C154 SeaBIOS with the iPXE ROM of an e1000 card is ready, its address from the router', 'e1000'],
    ['C154 SeaBIOS with the iPXE ROM of an rtl8139 card is ready, its address from the router', 'rtl8139'],
    ['C154 SeaBIOS with the iPXE ROM of a pcnet card is ready, its address from the router', 'pcnet'],
    ['C154 UEFI x64 by PXE is ready, its address from the router', 'uefi'],
    ['C154 UEFI x64 by HTTP boot is ready, its address from the router', 'http'],
    ['C154 UEFI IA32 by PXE is ready, its address from the router', 'ia32'],
  ])('%s', async (_title, name) => {
    expect((await readyNode(name)).ip).toMatch(/^10\.77\.0\.2[0-4]\d$/)
  })
})
