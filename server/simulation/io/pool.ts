import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Figures } from '../statistics/figures.ts'
import type { Trial } from '../trial.ts'

/** How far the work is. */
export type PoolProgress = { readonly done: number; readonly count: number }

/** What a worker answers to each trial it is sent: its figures, or what went wrong. */
export type TrialAnswer =
  | { readonly kind: 'figures'; readonly figures: Figures }
  | { readonly kind: 'failed'; readonly message: string }

/**
 * Runs trials on all cores and gives their figures in the same order. Aborting ends the workers at once and rejects
 * with an AbortError. Each worker thread is sent one trial at a time, so none idles while another has work waiting.
 */
export async function runTrials(
  trials: readonly Trial[],
  signal: AbortSignal,
  onProgress: (progress: PoolProgress) => void,
): Promise<readonly Figures[]> {
  signal.throwIfAborted()
  const figures: Figures[] = []
  const queue = trials.entries()
  let done = 0
  const workers = Array.from({ length: Math.min(availableParallelism(), trials.length) }, startWorker)
  const aborted = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  )
  const work = async (worker: Worker): Promise<void> => {
    for (const [at, trial] of queue) {
      figures[at] = await ask(worker, trial)
      done++
      onProgress({ done, count: trials.length })
    }
  }
  try {
    await Promise.race([Promise.all(workers.map(work)), aborted])
    return figures
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()))
  }
}

function startWorker(): Worker {
  return new Worker(new URL('worker.js', import.meta.url))
}

function ask(worker: Worker, trial: Trial): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const settle = (answer: TrialAnswer): void => {
      worker.off('error', reject)
      if (answer.kind === 'figures') resolve(answer.figures)
      else reject(new Error(`${trial.policy}, seed ${trial.seed}: ${answer.message}`))
    }
    worker.once('message', settle)
    worker.once('error', reject)
    worker.postMessage(trial)
  })
}
