import { expect, it } from 'vitest'
import { demoReport } from '../../../cli/lab/demo-report.ts'
import { NodeView } from '../../../protocol/node.ts'
import { ProcessRecord } from '../../../protocol/process.ts'

const node = (number: number, firmware: 'bios' | 'uefi', readyAt: number | null) =>
  NodeView.parse({
    id: `n-52540077000${number}`,
    name: `node-${number}`,
    state: readyAt === null ? 'booting' : 'ready',
    reason: null,
    draining: false,
    firmware,
    mac: `52:54:00:77:00:0${number}`,
    ip: null,
    image: { digest: 'd'.repeat(64) },
    boot: { startedAt: 1000, readyAt, firmware, stages: [{ name: 'dhcp-offer', atMs: 0 }] },
    hardware: null,
    speed: null,
    load: null,
    processes: 0,
    lastSeenAt: 1000,
  })

const record = ProcessRecord.parse({
  id: 'p-0000000001',
  command: ['java', '-jar', 'threads.jar'],
  node: 'n-525400770002',
  nodeName: 'node-2',
  bootId: 'k-1',
  home: 'here',
  uid: 0,
  state: 'ended',
  placements: 1,
  reservedBytes: 1,
  reservedThreads: 1,
  placedAtMs: 0,
  startedAtMs: 1,
  endedAtMs: 2,
  pid: 7,
  ending: { exitStatus: 0, signal: null, oomKilled: false },
  usage: { cpuSeconds: 1, memoryBytes: 0, peakMemoryBytes: 1, threads: 0, peakThreads: 19 },
  reason: null,
  retryOf: null,
})

it('has the fields that scripts read: digest, stages, peak threads, exit status, seconds by firmware', () => {
  const image = { digest: 'd'.repeat(64), sizeBytes: 300, seconds: 70 }
  const nodes = [node(1, 'bios', 31_500), node(2, 'uefi', null)]
  expect(demoReport({ image, nodes, process: { record, stdout: 'one process\n' } })).toMatchObject({
    image: { digest: image.digest, sizeBytes: 300 },
    nodes: [
      {
        id: 'n-525400770001',
        state: 'ready',
        firmware: 'bios',
        boot: { stages: [{ name: 'dhcp-offer', atMs: 0 }] },
      },
      { id: 'n-525400770002', state: 'booting', firmware: 'uefi', image: { digest: image.digest } },
    ],
    processes: [
      { node: 'n-525400770002', threads: 19, placements: 1, exitStatus: 0, stdout: 'one process\n' },
    ],
    seconds: { imageBuild: 70, bootBios: 30.5, bootUefi: null },
  })
})
