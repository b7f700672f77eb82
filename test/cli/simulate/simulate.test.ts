import { describe, expect, it } from 'vitest'
import {
  numberList,
  plansOf,
  plansOnList,
  policyList,
  wholeNumber,
  workloadList,
} from '../../../cli/simulate/plans.ts'
import { progressText } from '../../../cli/simulate/progress-bar.ts'
import { trialsOf } from '../../../server/simulation/suite.ts'

describe('godwit simulate', () => {
  it('reads lists, and says what there is when a name is wrong', () => {
    expect(policyList('godwit,random')).toEqual(['godwit', 'random'])
    expect(() => policyList('best')).toThrow(/no policy best; there are godwit/)
    expect(() => workloadList('j2')).toThrow(/no workload j2; there are j1/)
    expect(numberList(0, 2)('0.5, 1')).toEqual([0.5, 1])
    expect(() => numberList(0, 2)('0.5,')).toThrow(/no number/)
    expect(() => wholeNumber(1, 9)('1.5')).toThrow(/no whole number/)
  })

  it('crosses what is asked for: two workloads, two loads, three policies, two seeds', () => {
    const plans = plansOf({
      workload: ['j1', 'pareto'],
      load: [0.5, 0.9],
      policy: ['godwit', 'random', 'round-robin'],
      seeds: 2,
    })
    expect(trialsOf(plans)).toHaveLength(24)
  })

  it('narrows a suite by policy and seeds', () => {
    const whole = trialsOf(plansOf({ suite: 'paper' })).length
    const narrow = trialsOf(plansOf({ suite: 'paper', policy: ['godwit'], seeds: 1 })).length
    expect(narrow).toBeGreaterThan(10)
    expect(whole).toBeGreaterThan(10 * narrow)
    expect(trialsOf(plansOf({ quick: true })).length).toBeLessThan(whole / 2)
  })

  it('compares godwit with round-robin and random on a given list', () => {
    const [plan] = plansOnList('list.json', { machines: [], jobs: [] }, {})
    expect(plan?.policies).toEqual(['godwit', 'round-robin', 'random'])
  })

  it('tells how long it will take', () => {
    expect(progressText(15, 60, 5000)).toBe('[#######.......................] 15 of 60, 15 s left')
  })
})
