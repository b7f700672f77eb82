import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admit } from '../../../agent/exec/admission.ts'
import { baseFolder, cgroupMount, ownCgroup } from '../../../agent/exec/cgroup-paths.ts'
import { endingOf } from '../../../agent/exec/ending.ts'
import { mayExecute, programCandidates } from '../../../agent/exec/program-rules.ts'
import { planSignal } from '../../../agent/exec/signal-plan.ts'
import { startCommand } from '../../../agent/exec/start-command.ts'
import { specOf } from '../scene.ts'

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

test.each([
  [{ code: 0, signal: null }, 0, { exitStatus: 0, signal: null, oomKilled: false }],
  [{ code: 7, signal: null }, 0, { exitStatus: 7, signal: null, oomKilled: false }],
  [{ code: null, signal: 'SIGINT' }, 0, { exitStatus: null, signal: 'SIGINT', oomKilled: false }],
  [{ code: null, signal: 'SIGKILL' }, 0, { exitStatus: null, signal: 'SIGKILL', oomKilled: false }],
  [{ code: null, signal: 'SIGKILL' }, 1, { exitStatus: null, signal: 'SIGKILL', oomKilled: true }],
  [{ code: 0, signal: null }, 1, { exitStatus: 0, signal: null, oomKilled: false }],
  [{ code: 137, signal: null }, 1, { exitStatus: 137, signal: null, oomKilled: true }],
  [{ code: null, signal: 'SIGTERM' }, 1, { exitStatus: null, signal: 'SIGTERM', oomKilled: false }],
])('the end %j with %i out-of-memory kills is %j', (exit, kills, ending) => {
  expect(endingOf(exit, kills)).toEqual(ending)
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

describe('the program', () => {
  test.each([
    ['java', '/usr/bin:/bin', ['/usr/bin/java', '/bin/java']],
    ['java', undefined, ['/bin/java', '/usr/bin/java']],
    ['java', ':/bin', ['/home/u/./java', '/bin/java']],
    ['java', 'sub', ['/home/u/sub/java']],
    ['./run', '/bin', ['/home/u/./run']],
    ['/opt/run', '/bin', ['/opt/run']],
    ['', '/bin', []],
  ])('%s in PATH %s is looked for in order', (name, path, expected) => {
    expect(programCandidates(name, path, '/home/u')).toEqual(expected)
  })

  const file = (mode: number) => ({ mode: 0o100000 | mode, uid: 10, gid: 20 })
  test.each([
    ['owner', { uid: 10, gid: 1, groups: [] }, 0o100, true],
    ['owner without x, others with', { uid: 10, gid: 20, groups: [] }, 0o011, false],
    ['group', { uid: 11, gid: 20, groups: [] }, 0o010, true],
    ['supplementary group', { uid: 11, gid: 1, groups: [5, 20] }, 0o010, true],
    ['group without x, others with', { uid: 11, gid: 20, groups: [] }, 0o101, false],
    ['others', { uid: 11, gid: 1, groups: [] }, 0o001, true],
    ['root with any x', { uid: 0, gid: 0, groups: [] }, 0o010, true],
    ['root with none', { uid: 0, gid: 0, groups: [] }, 0o644, false],
  ])('%s', (_name, who, mode, expected) => {
    expect(mayExecute(file(mode), who)).toBe(expected)
  })
  test('that is a folder may not be executed', () => {
    expect(mayExecute({ mode: 0o040755, uid: 0, gid: 0 }, { uid: 0, gid: 0, groups: [] })).toBe(false)
  })
})

describe('the start command', () => {
  const tail = (args: readonly string[]) => args.slice(3)
  test('of root is the program itself, after the cgroup and the umask', () => {
    const command = startCommand(specOf(['a', 'b c'], { umask: 0o27 }), '/cg/p-1', true)
    expect(tail(command.args)).toEqual(['/cg/p-1', '0027', 'a', 'b c'])
    expect(command).toMatchObject({ file: '/bin/sh', cwd: '/tmp', env: { PWD: '/tmp' } })
  })
  test('of a user goes through setpriv, with exactly the groups', () => {
    const user = { uid: 1000, gid: 1001, groups: [1001, 27] }
    expect(tail(startCommand(specOf(['a'], user), undefined, true).args)).toEqual([
      '',
      '0022',
      '/usr/bin/setpriv',
      '--reuid=1000',
      '--regid=1001',
      '--groups=1001,27',
      '--',
      '/usr/bin/env',
      '-i',
      '--',
      'PATH=/usr/local/bin:/usr/bin:/bin',
      'PWD=/tmp',
      'a',
    ])
    expect(startCommand(specOf(['a'], { ...user, groups: [] }), undefined, true).args).toContain(
      '--clear-groups',
    )
  })
  test('of an agent without root cannot change users', () => {
    expect(startCommand(specOf(['a'], { uid: 1000 }), undefined, false).args).not.toContain(
      '/usr/bin/setpriv',
    )
  })
  test('of a user gives nothing of their environment to what runs as root', () => {
    const spec = specOf(['a'], {
      uid: 1000,
      env: { PATH: '/home/u', LD_PRELOAD: '/home/u/x.so', PWD: '/tmp' },
    })
    const { args, env } = startCommand(spec, undefined, true)
    expect(env).toEqual({})
    expect(args.indexOf('LD_PRELOAD=/home/u/x.so')).toBeGreaterThan(args.indexOf('/usr/bin/setpriv'))
  })
  test('carries any argument as one argument', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), argv => {
        expect(startCommand(specOf(argv), '/cg', true).args.slice(5)).toEqual(argv)
      }),
    )
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
