import { describe, expect, test } from 'vitest'
import { LabConfig } from '../../config/lab.ts'
import { ServerConfig } from '../../config/server.ts'
import type { HostProcess } from '../../lab/host-process.ts'
import { machineMac } from '../../lab/machine.ts'
import { configFields } from '../../lab/options.ts'
import { defaultShape, plannedShapes } from '../../lab/plan.ts'
import { LabRecord, recordedProcesses } from '../../lab/record.ts'
import { labServerConfig, labServerEnv } from '../../lab/server-config.ts'
import { downStatus, labExecArgv, statusOf } from '../../lab/status.ts'

const id = (pid: number): HostProcess => ({ pid, startTicks: pid * 10 })
const config = LabConfig.parse({})
const shape = defaultShape(config, { firmware: 'bios' })
const record: LabRecord = {
  version: 1,
  id: 'cafe0001',
  phase: 'up',
  plan: {
    labDir: '/lab',
    runDir: '/lab/run',
    stateDir: '/lab/state',
    imageDir: '/images',
    config,
    accel: { kind: 'tcg', reason: 'tcg was asked for' },
    userNamespace: false,
    serverArgv: ['godwit', 'serve'],
  },
  starter: id(1),
  supervisor: id(2),
  server: id(3),
  machines: [
    { spec: { ...shape, name: 'bios1', mac: machineMac(1) }, process: id(4) },
    { spec: { ...shape, name: 'bios2', mac: machineMac(2) }, process: null },
  ],
}
const living =
  (...pids: readonly number[]) =>
  (process: HostProcess) =>
    pids.includes(process.pid)

describe('statusOf', () => {
  test.each([
    ['up', record, [2, 3, 4]],
    ['starting', { ...record, phase: 'starting' }, [1, 2]],
    ['starting', { ...record, supervisor: null }, [1]],
    ['crashed', { ...record, supervisor: null }, []],
    ['crashed', record, [3, 4]],
    ['crashed', record, []],
  ] as const)('%s', (state, given, pids) => {
    expect(statusOf(given, living(...pids)).state).toBe(state)
  })

  test('a machine is on while its process lives', () => {
    const { machines } = statusOf(record, living(2, 3, 4))
    expect(machines.map(machine => [machine.name, machine.state, machine.pid])).toEqual([
      ['bios1', 'on', 4],
      ['bios2', 'off', null],
    ])
    expect(statusOf(record, living(2)).machines[0]).toMatchObject({ state: 'off', pid: null })
  })

  test.each([
    [[2, 3, 4], 2],
    [[3, 4], 3],
    [[4], 4],
    [[], null],
  ])('of the living %j, %s holds the namespace', (pids, expected) => {
    expect(statusOf(record, living(...pids)).netnsPid).toBe(expected)
  })
})

test('a command enters the namespace of what lives, or says that the lab is down', () => {
  expect(labExecArgv(statusOf(record, living(2)), ['ping', '10.77.0.100'])).toEqual(
    'nsenter --target 2 --net -- ping 10.77.0.100'.split(' '),
  )
  expect(() => labExecArgv(downStatus('/lab'), ['true'])).toThrow(/The lab is down/)
})

test('the record survives its own file, and names its processes', () => {
  expect(LabRecord.parse(JSON.parse(JSON.stringify(record)))).toEqual(record)
  expect(recordedProcesses(record)).toEqual([id(2), id(3), id(4)])
})

test("what the lab writes is a configuration the server's own schema takes", () => {
  const parsed = ServerConfig.parse(labServerConfig(record.plan))
  expect(parsed.network).toMatchObject({
    interface: 'br-godwit',
    address: { address: '10.77.0.1', prefixLength: 24 },
  })
  expect(parsed.boot.kernelArgs).toEqual(['console=ttyS0,115200', 'no_timer_check'])
  const onKvm = labServerConfig({ ...record.plan, accel: { kind: 'kvm', reason: '' } })
  expect(onKvm.boot.kernelArgs).toEqual(['console=ttyS0,115200'])
  expect(parsed.adminSocket).toBe('/lab/run/admin.sock')
})

test("the lab's server does not hear settings meant for another server", () => {
  expect(labServerEnv({ PATH: '/bin', GODWIT_HTTP_PORT: '1', LAB_OF_GODWIT: 'x' })).toEqual({
    PATH: '/bin',
    LAB_OF_GODWIT: 'x',
  })
})

test('the machines of a plan, and what a wish changes', () => {
  const shapes = plannedShapes(LabConfig.parse({ bios: 1, uefi: 2, memoryMiB: 512, diskSize: 0 }))
  expect(shapes.map(({ firmware }) => firmware)).toEqual(['bios', 'uefi', 'uefi'])
  expect(shapes[0]).toMatchObject({ memoryMiB: 512, cpus: 2, disks: [] })
  expect(defaultShape(config, { firmware: 'uefi', memoryMiB: 128 })).toMatchObject({ memoryMiB: 128 })
})

test('options that are given as undefined count as not given', () => {
  const common = { labDir: '/lab', imageDir: '/images', signal: new AbortController().signal }
  const fields = configFields({ ...common, onProgress: () => undefined, bios: 3, uefi: undefined })
  expect(fields).toEqual({ bios: 3 })
})
