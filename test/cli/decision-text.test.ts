import { describe, expect, it } from 'vitest'
import { describeDecision } from '../../cli/decision-text.ts'
import { Decision } from '../../protocol/decision.ts'

const GIB = 2 ** 30
const demand = {
  threads: 8,
  memoryBytes: GIB / 4,
  memoryMaxBytes: GIB,
  threadsFrom: '-XX:ActiveProcessorCount=8',
  memoryFrom: '12 runs of java a.jar @0 (before: -Xmx64m)',
  lifeMs: 65_000,
  key: 'java a.jar @0',
}
const candidate = (n: number, changes: object = {}) => ({
  node: `n-52540077000${n}`,
  name: `node-10${n}`,
  demand,
  score: n + 0.5,
  terms: { own: n + 0.2, memory: 0.3 },
  ...changes,
})
const decision = (changes: object = {}) =>
  Decision.parse({
    process: 'p-0000000001',
    command: ['java', '-jar', 'a.jar'],
    atMs: 0,
    seed: 1,
    chosen: 'n-525400770001',
    candidates: [candidate(1), candidate(2)],
    filtered: [
      { node: 'n-525400770003', name: 'node-103', reason: 'memory', detail: 'needs 1 GiB, has 480 MiB' },
    ],
    ...changes,
  })

describe('a decision as text', () => {
  it('tells what the process wants, and how that is known', () => {
    const text = describeDecision(decision())
    expect(text).toContain(
      'placed on node-101: 8 threads (-XX:ActiveProcessorCount=8), 256 MiB (12 runs of java a.jar @0 (before: -Xmx64m))',
    )
    expect(text).toContain('limit 1 GiB; such runs usually take 1 min 5 s')
    expect(text).toContain('remembered as: java a.jar @0')
  })

  it('tells the terms of each candidate, and why others were left out', () => {
    const text = describeDecision(decision())
    expect(text).toMatch(
      /CANDIDATE +SCORE +OWN +MEMORY\n\* node-101 +1.500 +1.200 +0.300\n {2}node-102 +2.500/,
    )
    expect(text).toContain('  node-103: memory (needs 1 GiB, has 480 MiB)')
    expect(text).toMatch(/lower is better; \* was chosen$/)
  })

  it('tells what each would have been promised where that differs', () => {
    const other = candidate(2, { demand: { ...demand, memoryBytes: GIB } })
    expect(describeDecision(decision({ candidates: [candidate(1), other] }))).toMatch(
      /CANDIDATE +WANTS +SCORE[\s\S]+node-101 +256 MiB[\s\S]+node-102 +1 GiB/,
    )
  })

  it('counts those that are not told', () => {
    const omitted = { candidates: 34, filtered: 12, reasons: { memory: 9, 'not-ready': 3 } }
    const text = describeDecision(decision({ omitted }))
    expect(text).toContain('and 34 more that could have taken it')
    expect(text).toContain('and 12 more that could not: 9 memory, 3 not-ready')
    expect(describeDecision(decision())).not.toContain('more that')
  })

  it('says when there was no place', () => {
    const text = describeDecision(decision({ chosen: null, candidates: [] }))
    expect(text).toContain('placed nowhere')
    expect(text).not.toContain('CANDIDATE')
  })

  it('reads decisions of versions that did not learn', () => {
    const { lifeMs: _, key: __, ...old } = { ...demand, memoryMaxBytes: null }
    const text = describeDecision(decision({ candidates: [candidate(1, { demand: old })] }))
    expect(text).toContain('no limit')
    expect(text).not.toContain('remembered')
  })
})
