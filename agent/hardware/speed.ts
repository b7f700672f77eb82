import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Speed } from '../../protocol/hardware.ts'
import { runKernel } from './speed-kernel.ts'

/**
 * A thread measures in slices and the best counts: the boot is still going on beside it, and a slice that had to
 * share its core tells nothing of the core. It goes on while slices still get better, because on a slow machine
 * the compiler takes its time to come round to the kernel.
 */
const SLICE_MS = 20
const LEAST_MS = 160
const MOST_MS = 1500
const SLICES_WITHOUT_GAIN = 5
/** A machine too loaded to answer in this time has no speed to tell. */
const TIMEOUT_MS = 10_000

/** Loops per second of one core of the reference machine, an AMD EPYC 9xx4 (Zen 4) virtual machine: speed 1. */
export const REFERENCE_LOOPS_PER_SECOND = 84_800

/**
 * A twentieth of that is what the kernel does before V8 has compiled it; a machine seen to be that slow is given more
 * time: an emulated one needs a second until its compiler is done, and longer where the compiler's thread has to share
 * the only processor with the kernel.
 */
const DOUBTFUL_LOOPS_PER_SECOND = REFERENCE_LOOPS_PER_SECOND / 20
const MOST_WHEN_DOUBTFUL_MS = 6000

/** The worker's whole program is the kernel's text: there is no second file to find beside a bundle. */
const PROGRAM = `
  const { parentPort } = require('node:worker_threads')
  const { performance } = require('node:perf_hooks')
  const runKernel = ${runKernel.toString()}
  parentPort.on('message', () => {
    const start = performance.now()
    let [best, passedMs, without] = [0, 0, 0]
    const isDoubtful = () => best <= ${DOUBTFUL_LOOPS_PER_SECOND}
    const isSure = () => without >= ${SLICES_WITHOUT_GAIN} && !isDoubtful()
    const mostMs = () => isDoubtful() ? ${MOST_WHEN_DOUBTFUL_MS} : ${MOST_MS}
    while (passedMs < ${LEAST_MS} || (passedMs < mostMs() && !isSure())) {
      const { loops, elapsedMs } = runKernel(${SLICE_MS}, () => performance.now())
      const rate = (1000 * loops) / elapsedMs
      without = rate > 1.05 * best ? 0 : without + 1
      best = Math.max(best, rate)
      passedMs = performance.now() - start
    }
    parentPort.postMessage(best)
  })`

/**
 * Measures this node, first one thread, then all at once, in worker threads: the agent goes on answering. Rejects
 * when a worker cannot be started.
 */
export async function measureSpeed(): Promise<Speed> {
  const threads = availableParallelism()
  const first = new Worker(PROGRAM, { eval: true, execArgv: [] })
  const others: Worker[] = []
  try {
    const single = await loopsPerSecond(first)
    if (threads === 1) return { single: scale(single), all: scale(single) }
    for (let count = 1; count < threads; count += 1)
      others.push(new Worker(PROGRAM, { eval: true, execArgv: [] }))
    await Promise.all(others.map(worker => once(worker, 'online')))
    const each = await Promise.all([first, ...others].map(loopsPerSecond))
    const all = each.reduce((sum, loops) => sum + loops, 0)
    // Alone a thread is at least as fast as among others. Under emulation the compiler was seen to come round to the
    // kernel only after the first measurement, which then was 16 times too low.
    return { single: scale(Math.max(single, all / threads)), all: scale(all) }
  } finally {
    await Promise.all([first, ...others].map(worker => worker.terminate()))
  }
}

async function loopsPerSecond(worker: Worker): Promise<number> {
  worker.postMessage('go')
  const [loops] = await once(worker, 'message', { signal: AbortSignal.timeout(TIMEOUT_MS) })
  return Number(loops)
}

function scale(loops: number): number {
  return Number((loops / REFERENCE_LOOPS_PER_SECOND).toPrecision(4))
}
