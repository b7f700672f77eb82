import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import type { Speed } from '../../protocol/hardware.ts'
import { runKernel } from './speed-kernel.ts'

/** How long one thread measures. The first part warms the compiler up and does not count. */
const MEASURE_MS = 200
const WARM_UP_MS = 50
/** A machine too loaded to finish in this time is measured by what has come. */
const TIMEOUT_MS = 5000

/** Loops per second of one core of the reference machine (AMD EPYC 9xx4 at 3.6 GHz, Node 24): speed 1. */
export const REFERENCE_LOOPS_PER_SECOND = 17_000

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
    runKernel(${WARM_UP_MS}, now)
    const { loops, elapsedMs } = runKernel(${MEASURE_MS}, now)
    parentPort.postMessage((1000 * loops) / elapsedMs)`
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
