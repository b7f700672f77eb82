import { ProcessId } from '../../../config/values/node-id.ts'
import type { RunRequest } from '../../../protocol/admin.ts'
import { Learning } from '../../../server/learning/learning.ts'
import { prepareDemand } from '../../../server/placement/demand/prepare.ts'
import { machine, spreadOf } from './fleet.ts'

/**
 * What people run: JVMs with and without a fixed heap, and other programs; `known` ones have run here before. `#` is
 * another number each time, so that some command lines come again and some never do.
 */
const COMMANDS: readonly { readonly command: string; readonly known: boolean }[] = [
  { command: 'java -Xmx512m -jar orders.jar --port 0', known: true },
  { command: 'java -jar report.jar', known: true },
  {
    command: 'java -Xmx2g -Xss2m -XX:ActiveProcessorCount=4 -cp lib/a.jar:lib/b.jar com.example.Main #',
    known: false,
  },
  { command: 'java -jar once-#.jar', known: false },
  { command: 'sort -u big.txt', known: true },
  { command: 'make -j8 all', known: true },
  { command: 'python3 train.py --epochs 3', known: false },
]

const SPEC_SHA256 = '0'.repeat(64)

/** Runs that are remembered of a known command, as after a busy day. */
const RUNS = 40

/** The n-th request of a mixed stream. */
export function runRequest(n: number): RunRequest {
  const { command } = COMMANDS[n % COMMANDS.length] ?? { command: 'true' }
  const words = command.replace('#', String(n)).split(' ')
  return { command: words, specSha256: SPEC_SHA256, home: 'office', uid: 1000, env: {} }
}

/** What a cluster has learned of the known commands. */
export function learnedBefore(): Learning {
  const learning = new Learning()
  const rules = { memoryCeiling: 0.95, defaultMemoryBytes: 2 ** 27, maxReportAgeMs: 10_000 }
  const context = { referenceBytes: 4 * 2 ** 30, rules, knowledge: learning, nowMs: 0 }
  for (const [index, { known }] of COMMANDS.entries()) {
    if (!known) continue
    const { command, uid, env } = runRequest(index)
    const request = { process: ProcessId.parse('p-0000000000'), command, uid, env, atMs: 0 }
    const demand = prepareDemand(request, context)({ capacity: 4, memoryTotalBytes: 8 * 2 ** 30 })
    for (let run = 0; run < RUNS; run += 1) {
      const { key, announcedThreads, announcedBytes } = demand
      const observed = {
        key,
        node: machine(0).facts.id,
        announcedThreads,
        announcedBytes,
        oomKilled: false,
        capacity: 4,
        benchmark: 1,
      }
      const luck = spreadOf(index * RUNS + run)
      const used = {
        threads: 1 + luck,
        peakBytes: Math.round((0.2 + luck) * 2 ** 29),
        lifeMs: 5000 * (1 + luck),
      }
      learning.note({ ...observed, ...used, cpuSeconds: 5 * (1 + luck) }, run)
    }
  }
  return learning
}
