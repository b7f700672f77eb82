import { describe, expect, it } from 'vitest'
import type { Hardware, Load } from '../../../protocol/hardware.ts'
import { toNodeSnapshot } from '../../../server/placement/measure.ts'
import { GIB, nodeId } from './fixtures.ts'

const text = { vendor: '', model: '', serial: '' }
const hardware: Hardware = {
  cpu: { vendor: '', model: '', cores: 4, threads: 8, mhz: 3000, flags: [] },
  memory: { totalBytes: 8 * GIB, modules: [] },
  disks: [],
  nics: [],
  board: text,
  system: { ...text, uuid: '' },
  firmware: { kind: 'bios', vendor: '', version: '', date: '' },
  kernel: '',
  missingTools: [],
}
const load: Load = {
  atMs: 0,
  cpuBusy: 0.5,
  runnable: 30,
  memoryAvailableBytes: 6 * GIB,
  memoryTotalBytes: 8 * GIB,
  psiCpu: null,
  psiMemory: null,
  uptimeSeconds: 1,
}
const facts = {
  id: nodeId(1),
  name: 'alder',
  state: 'ready' as const,
  draining: false,
  image: null,
  hardware,
  speed: { single: 0.8, all: 4 },
  load,
  reportedAtMs: 1000,
}

describe('a node as placement sees it', () => {
  it('is as wide as its benchmark was', () => {
    expect(toNodeSnapshot(facts, [])).toEqual({
      id: nodeId(1),
      name: 'alder',
      state: 'ready',
      draining: false,
      image: null,
      speed: 0.8,
      capacity: 5,
      busyThreads: 4,
      memoryTotalBytes: 8 * GIB,
      memoryUsedBytes: 2 * GIB,
      reportedAtMs: 1000,
      reservations: [],
    })
  })

  it.each([
    [{ single: 1, all: 0.5 }, 1],
    [{ single: 1, all: 80 }, 8],
    [null, 8],
  ])('with a speed of %j has room for %i threads', (speed, capacity) => {
    expect(toNodeSnapshot({ ...facts, speed }, []).capacity).toBe(capacity)
  })

  it('counts its run queue once the processor is full', () => {
    const full = { ...load, cpuBusy: 1 }
    expect(toNodeSnapshot({ ...facts, load: full }, []).busyThreads).toBe(30)
  })

  it('that told nothing yet has no report', () => {
    const silent = { ...facts, hardware: null, speed: null, load: null, reportedAtMs: null }
    expect(toNodeSnapshot(silent, [])).toMatchObject({
      reportedAtMs: null,
      memoryTotalBytes: 0,
      capacity: 1,
    })
  })
})
