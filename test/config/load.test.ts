import { describe, expect, it } from 'vitest'
import { fieldPaths, variableName } from '../../config/environment.ts'
import { type ConfigSources, describeProblems, loadConfig } from '../../config/load.ts'
import { PRESETS } from '../../config/presets.ts'
import { ServerConfig } from '../../config/server.ts'

const yaml = (text: string) => ({ name: 'config.yaml', text })

function leaseSeconds(sources: ConfigSources): number {
  const loaded = loadConfig(ServerConfig, sources)
  if (loaded.kind === 'invalid') throw new Error(describeProblems(loaded.problems))
  return loaded.config.dhcp.leaseSeconds
}

describe('precedence: default < preset < file < environment < flags', () => {
  const file = yaml('dhcp: { leaseSeconds: 300 }')
  const environment = { GODWIT_DHCP_LEASE_SECONDS: '400' }
  const flags = { dhcp: { leaseSeconds: 500 } }
  it.each<[string, ConfigSources, number]>([
    ['nothing set', {}, 43_200],
    ['preset', { preset: 'office' }, 36_000],
    ['file over preset', { preset: 'office', file }, 300],
    ['environment over file', { preset: 'office', file, environment }, 400],
    ['flags over environment', { preset: 'office', file, environment, flags }, 500],
    ['flags alone', { flags }, 500],
    [
      'file without the field keeps the preset',
      { preset: 'office', file: yaml('http: { port: 80 }') },
      36_000,
    ],
    ['empty file', { file: yaml('') }, 43_200],
  ])('%s', (_name, sources, expected) => {
    expect(leaseSeconds(sources)).toBe(expected)
  })
})

describe('a broken configuration', () => {
  it('lists all problems of all sources with their paths', () => {
    const loaded = loadConfig(ServerConfig, {
      preset: 'castle',
      file: yaml(
        'dhcp: { leaseSecond: 3, pool: { start: 10.0.0.300, end: 10.0.0.9 } }\nhttp: { port: 99999 }\nbogus: 1',
      ),
      environment: { GODWIT_HTTP_PROT: '80', HOME: '/root' },
    })
    expect(loaded.kind).toBe('invalid')
    const paths = loaded.kind === 'invalid' ? loaded.problems.map(problem => problem.path).sort() : []
    expect(paths).toEqual([
      'GODWIT_HTTP_PROT',
      'bogus',
      'dhcp.leaseSecond',
      'dhcp.pool.start',
      'http.port',
      'preset',
    ])
  })

  it('names file, line and column of a YAML mistake', () => {
    const loaded = loadConfig(ServerConfig, { file: yaml('dhcp:\n  mode: off\n dns: [') })
    expect(loaded.kind === 'invalid' && loaded.problems[0]?.path).toMatch(/^config\.yaml:[23]:\d+$/)
  })

  it('refuses a file that is a list', () => {
    const loaded = loadConfig(ServerConfig, { file: yaml('- a') })
    expect(loaded.kind === 'invalid' && loaded.problems[0]?.message).toContain('mapping')
  })
})

describe('the schema', () => {
  it('makes a frozen whole of nothing', () => {
    const loaded = loadConfig(ServerConfig, {})
    expect(loaded.kind).toBe('config')
    expect(loaded.kind === 'config' && Object.isFrozen(loaded.config.dhcp.reservations)).toBe(true)
  })

  it.each(Object.keys(PRESETS))('accepts preset %s', preset => {
    expect(loadConfig(ServerConfig, { preset }).kind).toBe('config')
  })

  it('gives every field one environment variable of its own', () => {
    const names = fieldPaths(ServerConfig).map(variableName)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain('GODWIT_TFTP_MAX_BLOCK_SIZE')
    expect(names).toContain('GODWIT_CLUSTER_APPROVAL')
  })

  it('reads YAML values from variables', () => {
    const loaded = loadConfig(ServerConfig, { environment: { GODWIT_BOOT_KERNEL_ARGS: '[a=1, b]' } })
    expect(loaded.kind === 'config' && loaded.config.boot.kernelArgs).toEqual(['a=1', 'b'])
  })
})

it.each([
  ['an alias without its anchor', 'http: *x\n', /Unresolved alias/],
  [
    'aliases that grow without end',
    `a: &a [${'x,'.repeat(10)}]\nb: &b [${'*a,'.repeat(10)}]\nc: &c [${'*b,'.repeat(10)}]\nd: [${'*c,'.repeat(9)}]\n`,
    /Excessive alias count/,
  ],
])('%s is a problem of its file, not a crash', (_, text, message) => {
  const loaded = loadConfig(ServerConfig, { file: { name: 'godwit.yaml', text } })
  expect(loaded).toMatchObject({
    kind: 'invalid',
    problems: [{ path: 'godwit.yaml', message: expect.stringMatching(message) }],
  })
})
