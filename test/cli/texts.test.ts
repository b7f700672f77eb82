import { describe, expect, it } from 'vitest'
import { fieldRows } from '../../cli/commands/config.ts'
import { nodesTable } from '../../cli/commands/nodes.ts'
import { processTable } from '../../cli/commands/ps.ts'
import { describeNode } from '../../cli/node-text.ts'
import { formatDuration, renderTable } from '../../cli/output.ts'
import { endingText } from '../../cli/process/ending-text.ts'
import { timelineText } from '../../cli/timeline-text.ts'
import type { NodeId, ProcessId } from '../../config/values/node-id.ts'
import { NodeView } from '../../protocol/node.ts'
import type { ProcessRecord } from '../../protocol/process.ts'

const node = NodeView.parse({
  id: 'n-525400770001',
  name: 'node-101',
  state: 'booting',
  reason: null,
  draining: false,
  firmware: 'bios',
  mac: '52:54:00:77:00:01',
  ip: '10.77.0.101',
  image: null,
  boot: {
    startedAt: 1000,
    readyAt: null,
    firmware: 'bios',
    stages: [
      { name: 'dhcp-offer', atMs: 0 },
      { name: 'kernel', atMs: 9500, detail: '8 MiB' },
    ],
  },
  hardware: null,
  speed: null,
  load: null,
  processes: 0,
  lastSeenAt: 1000,
})

const record: ProcessRecord = {
  id: 'p-0000000001' as ProcessId,
  command: ['java', '-jar', 'a.jar'],
  node: 'n-525400770001' as NodeId,
  nodeName: 'node-101',
  bootId: 'b',
  home: 'here',
  uid: 0,
  state: 'running',
  placements: 1,
  reservedBytes: 1,
  reservedThreads: 1,
  placedAtMs: 0,
  startedAtMs: 1000,
  endedAtMs: null,
  pid: 7,
  ending: null,
  usage: { cpuSeconds: 1.25, memoryBytes: 1, peakMemoryBytes: 1_610_612_736, threads: 12, peakThreads: 19 },
  reason: null,
  retryOf: null,
}

describe('nodes', () => {
  it('show what they are booting through', () => {
    expect(nodesTable([node])).toMatch(/node-101 +booting +bios +10\.77\.0\.101 .* kernel$/m)
  })
  it('say what to do when there is none', () => {
    expect(nodesTable([])).toContain('power one on')
  })
  it('are described with what is known', () => {
    expect(describeNode(node)).toContain('bios, last stage kernel')
  })
})

describe('timelineText', () => {
  it('dates each stage from power-on and from the stage before', () => {
    const text = timelineText(node.boot)
    expect(text).toMatch(/9\.5 s +\+9\.5 s +kernel +8 MiB/)
    expect(text).toContain('not ready yet')
  })
})

describe('processes', () => {
  it('show threads now, peak memory and time', () => {
    expect(processTable([record], 4000)).toMatch(
      /running +node-101 +12 +1\.5 GiB +1\.3 s +3\.0 s +java -jar a\.jar/,
    )
  })
  it.each([
    [{ exitStatus: 7, signal: null, oomKilled: false }, '7'],
    [{ exitStatus: 0, signal: null, oomKilled: false }, '0'],
    [{ exitStatus: null, signal: 'SIGKILL', oomKilled: true }, 'SIGKILL (out of memory)'],
    [null, ''],
  ])('end %j as %s', (ending, text) => {
    expect(endingText({ ...record, ending })).toBe(text)
  })
})

it('shows no control character that a machine sent, which could paint over the terminal', () => {
  expect(renderTable(['A'], [['\x1b[2Jgone\r\x9b']])).toBe('A\n?[2Jgone??')
})

describe('formatDuration', () => {
  it.each([
    [0, '0.0 s'],
    [9500, '9.5 s'],
    [59_400, '59 s'],
    [59_600, '1 min 0 s'],
    [65_000, '1 min 5 s'],
    [119_700, '2 min 0 s'],
    [7_380_000, '2 h 3 min'],
  ])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text))
})

describe('config fields', () => {
  it('all have a variable, and all leaves but objects a description', () => {
    const undocumented = fieldRows()
      .filter(([, , , what]) => what === '')
      .map(([path]) => path)
    expect(undocumented).toEqual([])
  })
})
