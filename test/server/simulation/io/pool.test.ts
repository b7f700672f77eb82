import { describe, expect, it } from 'vitest'
import { runTrials } from '../../../../server/simulation/io/pool.ts'
import { experimentOf } from '../../../../server/simulation/suite.ts'
import { runTrial, type Trial } from '../../../../server/simulation/trial.ts'

const experiment = experimentOf({ workload: 'j1', jobs: 100 })
const trials: readonly Trial[] = [1, 2, 3].map(seed => ({ experiment, policy: 'random', seed }))

describe('the worker pool', () => {
  it('gives the figures that this thread finds, in the order of the trials, and tells how far it is', async () => {
    const told: number[] = []
    const figures = await runTrials(trials, new AbortController().signal, ({ done }) => told.push(done))
    expect(figures).toEqual(trials.map(runTrial))
    expect(told).toEqual([1, 2, 3])
  })

  it('ends at once when it is told to', async () => {
    const stop = new AbortController()
    const endless = Array.from(
      { length: 10_000 },
      (_, seed): Trial => ({ experiment, policy: 'random', seed }),
    )
    const running = runTrials(endless, stop.signal, () => stop.abort())
    await expect(running).rejects.toMatchObject({ name: 'AbortError' })
  })
})
