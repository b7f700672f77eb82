import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { machineMac } from '../../lab/machine.ts'
import { MAX_TRIES } from '../../server/boot/first-script.ts'
import { openRig, type Rig } from './rig.ts'

const SERVER = fileURLToPath(new URL('./script-server.ts', import.meta.url))
const TSX = import.meta.resolve('tsx')
const [PATIENT, HOPELESS, CHAINED, BIOS, UEFI] = [1, 2, 3, 4, 5].map(machineMac)

/**
 * The first script on the firmware's own iPXE and on those we serve, against a server that fails as told. All machines
 * of one lab boot at once; each test looks at its own.
 */
describe('the first script', () => {
  let rig: Rig
  const asked = async (mac: string | undefined, path: string) =>
    (await rig.serverLines()).filter(line => line['mac'] === mac && line['path'] === path)

  beforeAll(async () => {
    const plans = {
      [PATIENT ?? '']: { failures: 2 },
      [HOPELESS ?? '']: { failures: 1000 },
      [CHAINED ?? '']: { chain: true },
    }
    rig = await openRig({
      memoryMiB: 256,
      serverArgv: config => [process.execPath, '--import', TSX, SERVER, config, JSON.stringify(plans)],
    })
    for (const name of ['patient', 'hopeless', 'chained', 'exit-bios'])
      await rig.add({ firmware: 'bios', name })
    await rig.add({ firmware: 'uefi', name: 'exit-uefi' })
  })
  afterAll(() => rig?.close())

  it('C155 two 503, then OK: the third try gets the script', async () => {
    await rig.console('patient', /this is stage two/)
    expect((await asked(PATIENT, '/v1/boot.ipxe')).map(line => line['status'])).toEqual([503, 503, 200])
  })

  it('C155 503 every time: the machine goes on to its next boot device and the server is told', async () => {
    const console = await rig.console(
      'hopeless',
      /going on to the next boot device[\s\S]*Boot(ing|) from Hard Disk/i,
    )
    expect(console).toContain(`gave no script in ${MAX_TRIES} tries`)
    expect((await asked(HOPELESS, '/v1/boot.ipxe')).slice(0, MAX_TRIES).map(line => line['status'])).toEqual(
      Array.from({ length: MAX_TRIES }, () => 503),
    )
    expect((await asked(HOPELESS, '/v1/boot-error'))[0]?.['query']).toMatchObject({ step: 'script' })
  })

  it('C151 an iPXE ROM loads undionly.kpxe, which gets the script and not itself again', async () => {
    await rig.console('chained', /this is stage two/)
    const loaders = (await rig.serverLines()).filter(line => line['tftp'] === 'undionly.kpxe')
    expect(loaders.map(line => line['outcome'])).toEqual(['complete'])
    expect((await asked(CHAINED, '/v1/boot.ipxe')).map(line => line['status'])).toEqual([200])
  })

  it('C156 exit 1 reaches the next boot device of a BIOS', async () => {
    const console = await rig.console('exit-bios', /this is stage two[\s\S]*Booting from Hard Disk/i)
    expect(console).not.toMatch(/sanboot/i)
    expect(await asked(BIOS, '/v1/boot.ipxe')).not.toHaveLength(0)
  })

  it('C156 exit 1 reaches the next boot device of UEFI', async () => {
    await rig.console(
      'exit-uefi',
      /this is stage two[\s\S]*failed to start Boot\d+ "UEFI PXEv4[\s\S]*(Start PXE over IPv6|loading Boot)/,
    )
    expect(await asked(UEFI, '/v1/boot.ipxe')).not.toHaveLength(0)
  })
})

describe('many machines', () => {
  const COUNT = 20
  let rig: Rig
  beforeAll(async () => {
    // No image: the script tells so, which is stage two for a machine of 64 MiB.
    rig = await openRig({ bios: COUNT, memoryMiB: 64, imageDir: '/nonexistent' })
  })
  afterAll(() => rig?.close())

  it('C158 20 machines switched on at once have an address each and all get their script', async () => {
    const names = rig.lab.machines.map(machine => machine.name)
    expect(names).toHaveLength(COUNT)
    for (const name of names) await rig.console(name, /godwit: no image on channel/)
    const nodes = await rig.nodes()
    expect(new Set(nodes.map(node => node.mac)).size).toBe(COUNT)
    expect(new Set(nodes.map(node => node.ip)).size).toBe(COUNT)
    expect(nodes.every(node => node.ip !== null)).toBe(true)
  })
})
