import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StyleName } from '../../config/values/style-name.ts'
import { machineMac } from '../../lab/machine.ts'
import { ServerStatus } from '../../protocol/admin.ts'
import { until } from './godwit.ts'
import { buildDefaultImage } from './image.ts'
import { openRig, type Rig } from './rig.ts'

const SERVER = fileURLToPath(new URL('./styled-server.ts', import.meta.url))
const TSX = import.meta.resolve('tsx')

/** EDK2's own PXE in OVMF takes each of these; which one a machine gets is fixed, so that none is tried before. */
const STYLES: readonly StyleName[] = ['direct', 'plain', 'redirect']

beforeAll(() => buildDefaultImage())

describe.each([
  ['godwit', 'godwit leases'],
  ['beside', 'beside a router'],
] as const)('EDK2 (OVMF), dhcp %s', (dhcp, where) => {
  let rig: Rig
  // A proxy's plain offer has no address and no sign of PXE: nothing could tell the machine what it is.
  const styles = STYLES.filter(style => dhcp === 'godwit' || style !== 'plain')

  beforeAll(async () => {
    const fixed = Object.fromEntries(styles.map((style, index) => [machineMac(index + 1), style]))
    rig = await openRig({
      dhcp,
      memoryMiB: 256,
      serverArgv: config => [process.execPath, '--import', TSX, SERVER, config, JSON.stringify(fixed)],
    })
    for (const style of styles) await rig.add({ firmware: 'uefi', name: style })
  })
  afterAll(() => rig?.close())

  it(`C111 OVMF reaches its script with each style, ${where}`, async () => {
    for (const [index, style] of styles.entries()) {
      const mac = machineMac(index + 1)
      const node = await until(
        `the script of the machine with style ${style}`,
        async () => (await rig.nodes()).find(one => one.mac === mac && hasStage(one.boot.stages, 'script')),
        300_000,
      )
      const loader = node.boot.stages.find(stage => stage.name === 'loader')
      expect(loader?.detail).toBe('snponly.efi')
    }
    // Nothing but the style `redirect` sends EDK2 to port 4011.
    const { counters } = await rig.client.get('/v1/status', ServerStatus)
    const asked = Object.entries(counters).filter(([name]) => /^pxe: (?!dropped)/.test(name))
    expect(asked.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(0)
  })
})

function hasStage(stages: readonly { readonly name: string }[], name: string): boolean {
  return stages.some(stage => stage.name === name)
}
