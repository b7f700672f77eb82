import { describe, expect, test } from 'vitest'
import { RunRequest } from '../../protocol/admin.ts'
import type { AskedRun } from '../../streams/request.ts'
import { runRequest } from '../../streams/run-request.ts'
import { readWishes } from '../../streams/run-wishes.ts'

const SHA256 = '0'.repeat(64)
const asked = (...options: readonly (readonly [string, string])[]): AskedRun => ({
  kind: 'asked',
  argv: ['make', '-j8'],
  claim: { uid: 1000, gid: 1000, groups: [] },
  cwd: '/',
  env: {},
  argFiles: {},
  options: new Map(options),
})

describe('wishes', () => {
  test.each([
    ['mem', '1.5G', { memoryBytes: 1.5 * 2 ** 30 }],
    ['cpus', '8', { threads: 8 }],
    ['cpus', '0.5', { threads: 0.5 }],
    ['name', 'nightly', { name: 'nightly' }],
    ['on', 'memory>=2G,!lab-*', { on: 'memory>=2G,!lab-*' }],
    ['timeout', '5m', { timeoutMs: 300_000 }],
    ['now', '1', { now: true }],
    ['shim', '1', {}],
  ])('--%s=%s is read', (option, text, wishes) => {
    expect(readWishes(new Map([[option, text]]))).toEqual({ kind: 'wishes', wishes })
  })

  test.each([
    ['mem', '0', /"0" is not a size; write 512M/],
    ['mem', '99999999T', /is not a size/],
    ['cpus', '0', /"0" is not a number of threads; write 4 or 0.5/],
    ['cpus', '-2', /is not a number of threads/],
    ['cpus', '5000', /at most 4096/],
    ['cpus', '1e3', /is not a number of threads/],
    ['name', 'p-1', /"p-1" is no name: a letter/],
    ['on', 'memory>=lots', /"lots" is not a size/],
    ['retry', '1', /there is no such option/],
    ['timeout', '0', /"0" is not a time; write 90 \(seconds\)/],
  ])('--%s=%s is not, and why', (option, text, reason) => {
    expect(readWishes(new Map([[option, text]]))).toEqual({
      kind: 'bad',
      option,
      reason: expect.stringMatching(reason),
    })
  })
})

describe('what placement is asked', () => {
  test('has every wish, and fits the schema of the server', () => {
    const run = asked(['mem', '1G'], ['cpus', '8'], ['name', 'nightly'], ['timeout', '1h'], ['now', '1'])
    const question = runRequest(run, SHA256, 'server', undefined)
    const request = {
      command: ['make', '-j8'],
      specSha256: SHA256,
      home: 'server',
      uid: 1000,
      env: {},
      memoryBytes: 2 ** 30,
      threads: 8,
      name: 'nightly',
      timeoutMs: 3_600_000,
      now: true,
    }
    expect(question).toEqual({ kind: 'request', request })
    expect(RunRequest.parse(request)).toEqual(request)
  })

  test('is nothing when a wish cannot be read: the run is told which', () => {
    expect(runRequest(asked(['name', 'last']), SHA256, 'server', undefined)).toEqual({
      kind: 'no-place',
      code: 'GW_BAD_MESSAGE',
      message: expect.stringMatching(/^--name: "last" is no name/),
      details: [],
    })
  })
})
