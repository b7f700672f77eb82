import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { controlLab } from '../../lab/io/control-client.ts'
import { until } from './godwit.ts'
import { buildDefaultImage } from './image.ts'
import { openRig, type Rig } from './rig.ts'

/** kill -9 of the server while firmware boots: EDK2 waits nearly four seconds between an OFFER and its REQUEST. */
describe('a server that is killed while machines boot', () => {
  let rig: Rig
  beforeAll(async () => {
    await buildDefaultImage()
    rig = await openRig({ memoryMiB: 256 })
  })
  afterAll(() => rig?.close())

  const reaches = (mac: string, stage: string) =>
    until(
      `${mac} to reach ${stage}`,
      async () => {
        // While the server is down its socket answers nobody.
        const nodes = await rig.nodes().catch(() => [])
        return nodes.find(one => one.mac === mac && one.boot.stages.some(({ name }) => name === stage))
      },
      240_000,
      100,
    )

  it('C160 between OFFER and REQUEST: EDK2 keeps its address and goes on to the script', async () => {
    const mac = await rig.add({ firmware: 'uefi', name: 'between' })
    const offered = await reaches(mac, 'dhcp-offer')
    expect(offered.boot.stages.some(({ name }) => name === 'dhcp-ack')).toBe(false)
    await controlLab(rig.lab, { op: 'restart-server' })
    const node = await reaches(mac, 'script')
    expect(node.ip).toBe(offered.ip)
  })

  it('C160 from the loader on: the machine tries again by itself until it has its script', async () => {
    const mac = await rig.add({ firmware: 'uefi', name: 'loading' })
    await reaches(mac, 'loader')
    await controlLab(rig.lab, { op: 'restart-server' })
    await reaches(mac, 'script')
  })
})
