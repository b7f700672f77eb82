import { describe, expect, it } from 'vitest'
import { totalPower } from '../../../../server/simulation/scenario.ts'
import { readArrivals } from '../../../../server/simulation/workloads/arrival-list.ts'
import { WORKLOADS } from '../../../../server/simulation/workloads/workloads.ts'

describe('every workload', () => {
  for (const { name, create, nodes } of WORKLOADS) {
    const size = { load: 0.5, nodes, jobs: 500, seed: 4 }

    it(`${name} gives the same jobs for the same seed, and others for another`, () => {
      expect(create(size)).toEqual(create(size))
      expect(create({ ...size, seed: 5 })).not.toEqual(create(size))
    })

    it(`${name} gives jobs in the order of their arrival that fit some machine`, () => {
      const { machines, jobs } = create(size)
      expect(machines).toHaveLength(nodes)
      expect(jobs.map(({ arrivalS }) => arrivalS)).toEqual(
        jobs.map(({ arrivalS }) => arrivalS).sort((a, b) => a - b),
      )
      const roomiest = Math.max(...machines.map(({ memoryBytes }) => memoryBytes))
      expect(jobs.filter(({ memoryBytes }) => memoryBytes > roomiest)).toEqual([])
    })
  }
})

it('asks for the load it was told to, about: the gaps are drawn, the work is scaled', () => {
  for (const name of ['j1', 'j1-bursts', 'j1-high-variance', 'pareto']) {
    const workload = WORKLOADS.find(one => one.name === name)
    const { machines = [], jobs = [] } = workload?.create({ load: 0.7, nodes: 8, jobs: 8000, seed: 2 }) ?? {}
    const workS = jobs.reduce((sum, job) => sum + job.workS, 0)
    const load = workS / (totalPower(machines) * (jobs.at(-1)?.arrivalS ?? 0))
    expect(load, name).toBeGreaterThan(0.63)
    expect(load, name).toBeLessThan(0.77)
  }
})

it('lets jobs come in bursts of about sixteen', () => {
  const bursts = WORKLOADS.find(({ name }) => name === 'j1-bursts')
  const { jobs = [] } = bursts?.create({ load: 0.7, nodes: 8, jobs: 8000, seed: 2 }) ?? {}
  const heads = jobs.filter(({ arrivalS }, at) => arrivalS - (jobs[at - 1]?.arrivalS ?? -1) > 0.011)
  expect(jobs.length / heads.length).toBeGreaterThan(13)
  expect(jobs.length / heads.length).toBeLessThan(19)
})

describe('a list of arrivals', () => {
  const nodes = [{ name: 'a', cores: 2, memoryBytes: 100 }]

  it('is read in any order, with the usual where nothing is said', () => {
    const jobs = [
      { arrivalS: 2, workS: 1, memoryBytes: 10 },
      {
        arrivalS: 1,
        workS: 3,
        threads: 2,
        memoryBytes: 20,
        hintBytes: 30,
        command: ['java', '-jar', 'a.jar'],
        home: 'a',
      },
    ]
    expect(readArrivals({ nodes, jobs })).toEqual({
      kind: 'scenario',
      scenario: {
        machines: [{ name: 'a', cores: 2, speed: 1, memoryBytes: 100 }],
        jobs: [
          {
            id: 0,
            arrivalS: 1,
            workS: 3,
            threads: 2,
            memoryBytes: 20,
            hintBytes: 30,
            command: ['java', '-jar', 'a.jar'],
            home: 0,
          },
          {
            id: 1,
            arrivalS: 2,
            workS: 1,
            threads: 1,
            memoryBytes: 10,
            hintBytes: null,
            command: ['job'],
            home: null,
          },
        ],
      },
    })
  })

  it('is refused with the place of each mistake', () => {
    expect(readArrivals({ nodes, jobs: [{ arrivalS: -1, workS: 1, memoryBytes: 10 }] })).toMatchObject({
      kind: 'malformed',
      problems: [expect.stringContaining('jobs.0.arrivalS')],
    })
    expect(readArrivals({ nodes, jobs: [{ arrivalS: 1, workS: 1, memoryBytes: 10, home: 'b' }] })).toEqual({
      kind: 'malformed',
      problems: ['jobs.0.home: there is no node b'],
    })
    expect(readArrivals([])).toMatchObject({ kind: 'malformed' })
  })
})
