import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { type RunWishes, runRequest } from '../../../cli/run/run-request.ts'
import { RunGrant, RunRequest } from '../../../protocol/admin.ts'
import type { RunSpec } from '../../../protocol/run-spec.ts'

const spec: RunSpec = {
  argv: ['java', '-jar', 'app.jar'],
  cwd: '/srv',
  env: { PATH: '/bin', SECRET: 'hunter2', JDK_JAVA_OPTIONS: '-Xmx64m' },
  umask: 0o022,
  uid: 1000,
  gid: 1000,
  groups: [],
}
const refused = RunGrant.parse({
  process: 'p-0000000001',
  node: { id: 'n-525400770001', name: 'node-1', address: '10.77.0.50', port: 7444 },
  ticket: 'x',
  caPem: 'x',
  server: { hostBootId: '', netNamespace: '' },
  reason: 'the only node that fits',
})

describe('the request for a place', () => {
  it('carries of the environment only what sizes a JVM', () => {
    const request = runRequest(spec, {}, undefined)
    expect(RunRequest.parse(request)).toEqual(request)
    expect(request).toMatchObject({ command: spec.argv, home: hostname(), uid: 1000 })
    expect(request.env).toEqual({ JDK_JAVA_OPTIONS: '-Xmx64m' })
    expect(JSON.stringify(request)).not.toContain('hunter2')
  })

  it.each<[string, Partial<RunSpec>]>([
    ['an argument', { argv: ['java', '-jar', 'other.jar'] }],
    ['a variable', { env: { ...spec.env, SECRET: 'other' } }],
    ['the user', { uid: 0 }],
    ['the folder', { cwd: '/tmp' }],
  ])('names another spec by another digest: %s', (_, change) => {
    const digest = (one: RunSpec) => runRequest(one, {}, undefined).specSha256
    expect(digest({ ...spec, ...change })).not.toBe(digest(spec))
  })

  it.each<[string, RunWishes, RunGrant | undefined, object]>([
    ['memory', { memoryBytes: 1024 }, undefined, { memoryBytes: 1024 }],
    ['one node', { on: 'node-2' }, undefined, { on: 'node-2' }],
    ['a try after a refusal', {}, refused, { retryOf: 'p-0000000001' }],
  ])('tells of %s', (_, wishes, after, expected) => {
    expect(runRequest(spec, wishes, after)).toEqual({ ...runRequest(spec, {}, undefined), ...expected })
  })
})
