import { describe, expect, it } from 'vitest'
import { programWant } from '../../../../server/placement/demand/program-want.ts'
import { MIB, RULES } from '../fixtures.ts'

const SHAPE = { capacity: 4, memoryTotalBytes: 2 ** 33 }
const want = (command: string, env: Record<string, string> = {}) => {
  const all = programWant(command.split(' '), env, RULES)
  return { ...all, memoryBytes: all.memoryBytes(SHAPE) }
}

describe('a program', () => {
  it.each<[string, number, string]>([
    ['sort -u', 1, 'default'],
    ['/usr/bin/make all', 1, 'usual of make'],
    ['make -j all', 8, 'usual of make'],
    ['ninja', 8, 'usual of ninja'],
    ['node server.js', 1.5, 'usual of Node.js'],
    ['python3.11 train.py', 1, 'usual of an interpreter'],
    ['x86_64-linux-gnu-gcc-12 -c a.c', 1, 'usual of a compiler'],
    ['povray scene.pov', 8, 'usual of a program for all processors'],
    ['erl -noshell', 2, 'usual of Erlang'],
  ])('%j wants %d threads (%s), a guess', (command, threads, from) => {
    expect(want(command)).toMatchObject({ threads, threadsFrom: from, announcedThreads: null })
  })

  it.each<[string, Record<string, string>, number, string]>([
    ['make -j8 all', {}, 8, '-j8'],
    ['make -j 4 all', {}, 4, '-j 4'],
    ['make --jobs=3', {}, 3, '--jobs=3'],
    ['make -j2 -j6', {}, 6, '-j6'],
    ['make', { MAKEFLAGS: '-k -j5' }, 5, '-j5 in MAKEFLAGS'],
    ['make -j2', { MAKEFLAGS: '-j5' }, 2, '-j2'],
    ['cargo build', { CARGO_BUILD_JOBS: '3' }, 3, 'CARGO_BUILD_JOBS=3'],
    ['erl +S 4:4', {}, 4, '+S 4:4'],
    ['./service', { GOMAXPROCS: '6' }, 6, 'GOMAXPROCS=6'],
    ['./solver', { OMP_NUM_THREADS: '12' }, 12, 'OMP_NUM_THREADS=12'],
  ])('%j with %j announces %d threads (%s)', (command, env, threads, from) => {
    expect(want(command, env)).toMatchObject({ threads, announcedThreads: threads, threadsFrom: from })
  })

  it.each<[string, Record<string, string>, number, string]>([
    ['node --max-old-space-size=512 a.js', {}, 608 * MIB, '--max-old-space-size=512'],
    [
      'node a.js',
      { NODE_OPTIONS: '--enable-source-maps --max-old-space-size=1024' },
      1120 * MIB,
      '--max-old-space-size=1024 in NODE_OPTIONS',
    ],
    ['./service', { GOMEMLIMIT: '750MiB' }, 750 * MIB, 'GOMEMLIMIT=750MiB'],
  ])('%j with %j announces its memory (%s)', (command, env, bytes, from) => {
    expect(want(command, env)).toMatchObject({ memoryBytes: bytes, announcedBytes: bytes, memoryFrom: from })
  })

  it.each<[string, Record<string, string>]>([
    ['./service', { GOMEMLIMIT: 'off', GOMAXPROCS: 'x' }],
    ['./service', { GOMAXPROCS: '0' }],
    ['node --max-old-space-size=lots a.js', {}],
    ['make -j0', {}],
    ['make -- -j5', {}],
  ])('%j with %j announces nothing', (command, env) => {
    expect(want(command, env)).toMatchObject({ announcedThreads: null, announcedBytes: null })
  })

  it('takes memory for each compiler a build runs at once, within reason', () => {
    expect(want('make -j8').memoryBytes).toBe(8 * want('make -j1').memoryBytes)
    expect(want('make -j4000').memoryBytes).toBe(32 * want('make -j1').memoryBytes)
  })

  it('has no limit, for a guess must not kill', () => {
    expect(want('node --max-old-space-size=512 a.js').limitBytes).toBeNull()
  })
})
