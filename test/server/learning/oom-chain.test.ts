import { expect, it } from 'vitest'
import { cgroupUsage } from '../../../agent/exec/usage.ts'
import { Learning } from '../../../server/learning/learning.ts'
import { observationOf } from '../../../server/learning/observation.ts'
import { estimateDemand } from '../../../server/placement/demand/prepare.ts'
import { readEnded } from '../../../streams/progress.ts'
import { encodeTagged } from '../../../streams/tagged.ts'
import { GIB, MIB, node, RULES, request } from '../placement/fixtures.ts'
import { endedRecord } from './fixtures.ts'

/** Files of a cgroup whose process the kernel killed at its limit of 600 MiB (Linux 6.12, memory.oom.group). */
const FILES = {
  cpuStat: 'usage_usec 3000000\nuser_usec 2500000\nsystem_usec 500000\n',
  memoryCurrent: '0\n',
  memoryPeak: `${600 * MIB}\n`,
  pidsCurrent: '0\n',
  pidsPeak: '11\n',
}

/** What the keeper tells of it, by the cgroup's memory.events: signal 9, killed for memory. */
const ENDED = encodeTagged([
  ['g', 9],
  ['o', 1],
])

it('what the kernel wrote of a kill for memory makes the next placement reserve more', () => {
  const learning = new Learning()
  const demand = () =>
    estimateDemand(request('java -Xmx64m Main'), node(1), {
      referenceBytes: 4 * GIB,
      rules: RULES,
      knowledge: learning,
      nowMs: 0,
    })
  const before = demand()
  const ending = readEnded(ENDED, () => 'SIGKILL')?.ending ?? null
  const record = endedRecord({
    reservedBytes: before.memoryBytes,
    ending,
    usage: cgroupUsage(FILES, []),
  })
  const observation = observationOf(record, before, { capacity: 4, benchmark: 1 })
  expect(observation).toMatchObject({ oomKilled: true, peakBytes: 600 * MIB })
  if (observation !== undefined) learning.note(observation, 0)
  const after = demand()
  expect(after.memoryBytes).toBeGreaterThan(600 * MIB)
  expect(after.memoryMaxBytes).toBe(Math.round(1.5 * Number(before.memoryMaxBytes)))
  expect(after.memoryFrom).toBe(
    '1 run of java Main @0 (before: -Xmx64m), times 1.50 after runs killed for memory',
  )
})
