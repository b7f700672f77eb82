import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import type { Speed } from '../../protocol/hardware.ts'
import { runKernel } from './speed-kernel.ts'

/**
 * A thread measures in slices and the best counts: the boot is still going on beside it, and a slice that had to
 * share its core tells nothing of the core. The first slices are slower anyway, the compiler is warming up.
 */
const SLICES = 10
const SLICE_MS = 25
/** A machine too loaded to finish in this time is measured by what has come. */
const TIMEOUT_MS = 5000

/** Loops per second of one core of the reference machine, an AMD EPYC 9xx4 (Zen 4) virtual machine: speed 1. */
export const REFERENCE_LOOPS_PER_SECOND = 10_600

/**
 * Measures this node, first one thread, then all at once, in worker threads: the agent goes on answering. Rejects
 * when a worker cannot be started.
 */
export async function measureSpeed(): Promise<Speed> {
  const threads = availableParallelism()
  const single = await loopsPerSecond()
  const all =
    threads === 1 ? single : sum(await Promise.all(Array.from({ length: threads }, () => loopsPerSecond())))
  return { single: scale(single), all: scale(all) }
}

/** The worker's whole program is the kernel's text: there is no second file to find beside a bundle. */
function loopsPerSecond(): Promise<number> {
  const program = `
    const { parentPort } = require('node:worker_threads')
    const { performance } = require('node:perf_hooks')
    const now = () => performance.now()
    const runKernel = ${runKernel.toString()}
    let best = 0
    for (let slice = 0; slice < ${SLICES}; slice += 1) {
      const { loops, elapsedMs } = runKernel(${SLICE_MS}, now)
      best = Math.max(best, (1000 * loops) / elapsedMs)
    }
    parentPort.postMessage(best)`
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const worker = new Worker(program, { eval: true, execArgv: [] })
    const timer = setTimeout(() => {
      reject(new Error(`no speed after ${Math.round(performance.now() - started)} ms`))
      worker.terminate().catch(() => undefined)
    }, TIMEOUT_MS)
    worker.once('message', (loops: number) => resolve(loops))
    worker.once('error', reject)
    worker.once('exit', () => clearTimeout(timer))
  })
}

function scale(loops: number): number {
  return Number((loops / REFERENCE_LOOPS_PER_SECOND).toPrecision(4))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
