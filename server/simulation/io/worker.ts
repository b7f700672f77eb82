import { parentPort } from 'node:worker_threads'
import { runTrial, type Trial } from '../trial.ts'
import type { TrialAnswer } from './pool.ts'

/** What a worker thread of `runTrials` does: answers each trial with its figures. */
function answer(trial: Trial): TrialAnswer {
  try {
    return { kind: 'figures', figures: runTrial(trial) }
  } catch (error) {
    return { kind: 'failed', message: String((error as Error).stack ?? error) }
  }
}

parentPort?.on('message', (trial: Trial) => parentPort?.postMessage(answer(trial)))
