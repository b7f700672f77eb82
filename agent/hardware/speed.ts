import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Speed } from '../../protocol/hardware.ts'
import { runKernel } from './speed-kernel.ts'

/**
 * A thread measures in slices and the best counts: the boot is still going on beside it, and a slice that had to
 * share its core tells nothing of the core.
 */
const SLICE_MS = 20
/** No machine needs longer: then it has the speed it has shown. */
const MOST_MS = 6000
/**
 * It goes on until slices have not got better for so long at speed 1, and for longer the slower it is: so much longer
 * V8's compilers need, too. On an emulated machine whose only processor they had to share with the kernel, the last of
 * them came after seconds, and the kernel was twenty times slower before the first and two times before the last.
 */
const WITHOUT_GAIN_MS = 250
/** A machine too loaded to answer in this time has no speed to tell. */
const TIMEOUT_MS = 10_000

/** Loops per second of one core of the reference machine, an AMD EPYC 9xx4 (Zen 4) virtual machine: speed 1. */
export const REFERENCE_LOOPS_PER_SECOND = 84_800

/** The worker's whole program is the kernel's text: there is no second file to find beside a bundle. */
const PROGRAM = `
  const { parentPort } = require('node:worker_threads')
  const { performance } = require('node:perf_hooks')
  const runKernel = ${runKernel.toString()}
  parentPort.on('message', () => {
    const start = performance.now()
    let [best, passedMs, gainedMs] = [1, 0, 0]
    const sureMs = () => ${WITHOUT_GAIN_MS * REFERENCE_LOOPS_PER_SECOND} / best
    while (passedMs < ${MOST_MS} && passedMs - gainedMs < sureMs()) {
      const { loops, elapsedMs } = runKernel(${SLICE_MS}, () => performance.now())
      const rate = (1000 * loops) / elapsedMs
      passedMs = performance.now() - start
      if (rate > 1.05 * best) gainedMs = passedMs
      best = Math.max(best, rate)
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
