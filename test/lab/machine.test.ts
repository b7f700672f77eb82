import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type MachineShape,
  type MachineSpec,
  machineMac,
  machineUuid,
  nextMachine,
  qemuArgv,
  tapName,
} from '../../lab/machine.ts'
import { labPaths, machineFiles } from '../../lab/paths.ts'

const shape: MachineShape = {
  firmware: 'bios',
  nic: 'virtio',
  memoryMiB: 1024,
  cpus: 2,
  disks: [{ sizeMiB: 64 }],
}
const bios: MachineSpec = { ...shape, name: 'bios1', mac: machineMac(1) }
const uefi: MachineSpec = { ...shape, name: 'uefi1', firmware: 'uefi', mac: machineMac(2) }
const files = (name: string) => machineFiles(labPaths('/lab', '/lab/run'), name)

/** The values of all `option`s in an argument vector. */
function values(argv: readonly string[], option: string): readonly string[] {
  return argv.flatMap((word, index) => (word === option ? [argv[index + 1] ?? ''] : []))
}

describe('qemuArgv', () => {
  test('a BIOS machine boots by the iPXE option ROM of its NIC', () => {
    const argv = qemuArgv(bios, files('bios1'), 'tcg', 'cafe0001')
    expect(argv[0]).toBe('qemu-system-x86_64')
    expect(values(argv, '-machine')).toEqual(['pc,graphics=off'])
    expect(values(argv, '-device')[0]).toBe('virtio-net-pci,netdev=lan,mac=52:54:00:67:77:01,bootindex=0')
    expect(values(argv, '-drive').join()).not.toContain('pflash')
  })

  test("a UEFI machine has OVMF, its own variable store, and the firmware's own PXE stack", () => {
    const argv = qemuArgv(uefi, files('uefi1'), 'tcg', 'cafe0001')
    expect(values(argv, '-machine')).toEqual(['q35,graphics=off'])
    expect(values(argv, '-drive').slice(0, 2)).toEqual([
      'if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd',
      'if=pflash,unit=1,format=raw,file=/lab/machines/uefi1/nvram.fd',
    ])
    expect(values(argv, '-device')[0]).toMatch(/,romfile=$/)
  })

  test('a 32-bit UEFI machine has the 32-bit firmware and what that build asks of a machine', () => {
    const argv = qemuArgv({ ...uefi, firmware: 'uefi32' }, files('ia32-1'), 'tcg', 'x')
    expect(values(argv, '-machine')).toEqual(['q35,graphics=off,smm=on'])
    expect(values(argv, '-drive')[0]).toContain('/OVMF32_CODE_4M.secboot.fd')
    expect(values(argv, '-global')).toContain('driver=cfi.pflash01,property=secure,value=on')
  })

  test('a machine for HTTP boot is told to forget PXE', () => {
    const argv = qemuArgv({ ...uefi, firmware: 'uefi-http' }, files('http1'), 'tcg', 'x')
    expect(values(argv, '-fw_cfg')).toEqual([
      'name=opt/org.tianocore/IPv4PXESupport,string=n',
      'name=opt/org.tianocore/IPv6PXESupport,string=n',
    ])
  })

  test.each([
    ['e1000', 'e1000'],
    ['rtl8139', 'rtl8139'],
    ['pcnet', 'pcnet'],
  ] as const)('a BIOS machine with card %s keeps its option ROM', (nic, device) => {
    const argv = qemuArgv({ ...bios, nic }, files('bios1'), 'tcg', 'x')
    expect(values(argv, '-device')[0]).toBe(`${device},netdev=lan,mac=52:54:00:67:77:01,bootindex=0`)
  })

  test('the network boots first, then the disks', () => {
    const devices = values(qemuArgv(bios, files('bios1'), 'tcg', 'x'), '-device')
    expect(devices.find(device => device.startsWith('virtio-blk'))).toMatch(/,bootindex=1$/)
  })

  test.each([
    ['tcg', ['tcg,thread=multi'], []],
    ['kvm', ['kvm'], ['host']],
  ] as const)('accelerator %s', (kind, accel, cpu) => {
    const argv = qemuArgv(bios, files('bios1'), kind, 'cafe0001')
    expect(values(argv, '-accel')).toEqual(accel)
    expect(values(argv, '-cpu')).toEqual(cpu)
  })

  test('has what was ordered, a name that says whose it is, and a serial port that is logged', () => {
    const argv = qemuArgv({ ...bios, memoryMiB: 300, cpus: 3 }, files('bios1'), 'tcg', 'cafe0001')
    expect(values(argv, '-m')).toEqual(['300M'])
    expect(values(argv, '-smp')).toEqual(['3'])
    expect(values(argv, '-name')).toEqual(['godwit-lab-cafe0001-bios1'])
    expect(values(argv, '-netdev')).toEqual(['tap,id=lan,ifname=tap-bios1,script=no,downscript=no'])
    expect(values(argv, '-chardev')).toEqual([
      'socket,id=console,path=/lab/run/bios1.console.sock,server=on,wait=off,' +
        'logfile=/lab/logs/bios1.console.log,logappend=on',
      'socket,id=qmp,path=/lab/run/bios1.qmp.sock,server=on,wait=off',
    ])
    expect(values(argv, '-smbios')[0]).toBe(
      'type=1,manufacturer=godwit,product=lab,serial=bios1,uuid=676f6477-6974-8000-8000-525400677701',
    )
  })

  test('one drive and one device per disk, and none without disks', () => {
    const two = qemuArgv({ ...bios, disks: [{ sizeMiB: 1 }, { sizeMiB: 2 }] }, files('bios1'), 'tcg', 'x')
    expect(values(two, '-drive')).toHaveLength(2)
    expect(values(two, '-device').filter(device => device.startsWith('virtio-blk-pci'))).toHaveLength(2)
    expect(values(qemuArgv({ ...bios, disks: [] }, files('bios1'), 'tcg', 'x'), '-drive')).toEqual([])
  })
})

test('nextMachine gives every machine of a lab its own name and MAC, always the same ones', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('bios', 'uefi', 'uefi32', 'uefi-http'), { maxLength: 40 }),
      firmwares => {
        const build = () => {
          const machines: MachineSpec[] = []
          for (const firmware of firmwares) machines.push(nextMachine(machines, { ...shape, firmware }))
          return machines
        }
        const machines = build()
        expect(new Set(machines.map(machine => machine.mac)).size).toBe(machines.length)
        expect(new Set(machines.map(machine => machine.name)).size).toBe(machines.length)
        expect(build()).toEqual(machines)
      },
    ),
  )
})

test('nextMachine does not take a name that somebody gave by hand', () => {
  expect(nextMachine([{ ...uefi, name: 'bios1' }], shape)).toMatchObject({
    name: 'bios2',
    mac: '52:54:00:67:77:01',
  })
})

test.each([0, 256, 1.5])('there is no machine number %d', number => {
  expect(() => machineMac(number)).toThrow(RangeError)
})

test('the longest machine name still makes a device name Linux takes', () => {
  expect(tapName('a'.repeat(11))).toHaveLength(15)
})

test('the UUID is a valid one (version 8, RFC variant) that carries the MAC', () => {
  expect(machineUuid(machineMac(255))).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-5254006777ff$/,
  )
})
