import { afterAll, beforeAll, expect, it } from 'vitest'
import { tapName } from '../../lab/machine.ts'
import { until } from './godwit.ts'
import { buildDefaultImage } from './image.ts'
import { openRig, type Rig } from './rig.ts'

/**
 * Two of a hundred frames are lost on each machine's cable, in both directions. The kernels this runs on have no netem;
 * a filter of four instructions does it: a random number (SKF_AD_RANDOM), below 2 % of its range: drop (TC_ACT_SHOT).
 */
const LOSS = Math.round(0.02 * 2 ** 32)
const FILTER = `4,32 0 0 4294963256,53 1 0 ${LOSS},6 0 0 2,6 0 0 0`
const READY_LIMIT_MS = 600_000

let rig: Rig

async function makeLossy(name: string): Promise<void> {
  const tap = tapName(name)
  await rig.exec(['tc', 'qdisc', 'add', 'dev', tap, 'clsact'])
  for (const direction of ['ingress', 'egress'])
    await rig.exec(['tc', 'filter', 'add', 'dev', tap, direction, 'bpf', 'da', 'bytecode', FILTER])
}

async function droppedFrames(name: string): Promise<number> {
  const text = await rig.exec(['tc', '-s', 'qdisc', 'show', 'dev', tapName(name), 'clsact'])
  return Number(/dropped (\d+)/.exec(text)?.[1])
}

beforeAll(async () => {
  await buildDefaultImage()
  rig = await openRig({ memoryMiB: 1024 })
})
afterAll(() => rig?.close())

it('C157 with 2 % of all frames lost, machines of all kinds of firmware are ready', async () => {
  const machines = [
    ['lossy-bios', 'bios'],
    ['lossy-uefi', 'uefi'],
    ['lossy-ia32', 'uefi32'],
    ['lossy-http', 'uefi-http'],
  ] as const
  for (const [name, firmware] of machines) {
    await rig.add({ name, firmware })
    await makeLossy(name)
  }
  await until(
    'all to be ready',
    async () =>
      (await rig.nodes()).filter(node => node.state === 'ready').length === machines.length || undefined,
    READY_LIMIT_MS,
    1000,
  )
  for (const [name] of machines) expect(await droppedFrames(name)).toBeGreaterThan(100)
})
