import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Speed } from '../../protocol/hardware.ts'
import { runKernel } from './speed-kernel.ts'

/**
 * A thread measures in slices and the best counts: the boot is still going on beside it, and a slice that had to
 * share its core tells nothing of the core. The first slices are slower anyway, the compiler is warming up.
 */
const SLICES = 8
const SLICE_MS = 20
/** A machine too loaded to answer in this time has no speed to tell. */
const TIMEOUT_MS = 5000

/** Loops per second of one core of the reference machine, an AMD EPYC 9xx4 (Zen 4) virtual machine: speed 1. */
export const REFERENCE_LOOPS_PER_SECOND = 10_600

/** The worker's whole program is the kernel's text: there is no second file to find beside a bundle. */
const PROGRAM = `
  const { parentPort } = require('node:worker_threads')
  const { performance } = require('node:perf_hooks')
  const runKernel = ${runKernel.toString()}
  parentPort.on('message', () => {
    let best = 0
    for (let slice = 0; slice < ${SLICES}; slice += 1) {
      const { loops, elapsedMs } = runKernel(${SLICE_MS}, () => performance.now())
      best = Math.max(best, (1000 * loops) / elapsedMs)
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
    const all = await Promise.all([first, ...others].map(loopsPerSecond))
    return { single: scale(single), all: scale(all.reduce((sum, loops) => sum + loops, 0)) }
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
