import { describe, expect, test } from 'vitest'
import { admit } from '../../../agent/exec/admission.ts'
import { baseFolder, cgroupMount, ownCgroup } from '../../../agent/exec/cgroup-paths.ts'
import { planSignal } from '../../../agent/exec/signal-plan.ts'

const MIB = 2 ** 20

describe('admission', () => {
  test.each([
    ['a reservation that fits', 500, 600, 'admitted'],
    ['one as large as what is left', 600, 600, 'admitted'],
    ['nothing known', 0, 600, 'admitted'],
    ['more than is left', 601, 600, 'memory-taken'],
    ['more than there is', 1001, 600, 'exceeds-node-memory'],
    ['nothing known on an exhausted node', 0, 15, 'memory-exhausted'],
    ['little on an exhausted node', 8, 15, 'memory-exhausted'],
  ])('%s', (_name, reserved, available, expected) => {
    const answer = admit({
      memoryBytes: reserved * MIB,
      totalBytes: 1000 * MIB,
      availableBytes: available * MIB,
    })
    expect(answer.kind === 'refused' ? answer.reason : answer.kind).toBe(expected)
  })

  test('names both numbers', () => {
    const memory = { totalBytes: 1000 * MIB, availableBytes: 600 * MIB }
    expect(admit({ ...memory, memoryBytes: 900 * MIB })).toMatchObject({
      detail: 'wants 900 MiB, 600 MiB are available now',
    })
  })
})

describe('signals', () => {
  const known = new Set(['SIGINT', 'SIGKILL', 'SIGTSTP', 'SIGCONT'])
  test.each([
    ['SIGINT', { kind: 'group', signal: 'SIGINT' }],
    ['SIGCONT', { kind: 'group', signal: 'SIGCONT' }],
    ['SIGKILL', { kind: 'everything' }],
    ['SIGTSTP', { kind: 'group', signal: 'SIGSTOP' }],
    ['SIGFOO', { kind: 'unknown', reason: 'no signal SIGFOO here' }],
  ])('%s', (name, plan) => {
    expect(planSignal(name, known)).toEqual(plan)
  })
})

describe('where cgroups are', () => {
  const MOUNTS = [
    '24 29 0:22 / /proc rw,nosuid shared:5 - proc proc rw',
    '35 29 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate',
  ].join('\n')
  test('on a node', () => {
    const own = ownCgroup('0::/system.slice/godwit-agent.service/agent\n')
    expect(cgroupMount(MOUNTS)).toBe('/sys/fs/cgroup')
    expect(baseFolder('/sys/fs/cgroup', own ?? '', 1)).toEqual({
      path: '/sys/fs/cgroup/system.slice/godwit-agent.service',
      delegated: true,
    })
  })
  test('on a host where nobody delegated anything', () => {
    expect(ownCgroup('4:memory:/x\n0::/\n')).toBe('/')
    expect(baseFolder('/sys/fs/cgroup/unified', '/', 7)).toEqual({
      path: '/sys/fs/cgroup/unified/godwit-agent-7',
      delegated: false,
    })
  })
  test('on a kernel without them', () => {
    expect(ownCgroup('4:memory:/x\n')).toBeUndefined()
    expect(cgroupMount('24 29 0:22 / /proc rw - proc proc rw')).toBeUndefined()
  })
})
