import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { completionScript } from '../../cli/completion-script.ts'

const GODWIT = fileURLToPath(new URL('../../cli/godwit.js', import.meta.url))

/** Runs the real command line; the socket leads nowhere unless a test says otherwise. */
function godwit(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const env = { ...process.env, GODWIT_SOCKET: '/nonexistent/admin.sock' }
  return new Promise(resolve => {
    execFile(process.execPath, [GODWIT, ...args], { env }, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}

describe('godwit', () => {
  it.concurrent.each<[string[], number, RegExp]>([
    [['--help'], 0, /Commands:[\s\S]*serve[\s\S]*lab/],
    [
      ['run', '--help'],
      0,
      /--cpus[\s\S]*--here[\s\S]*--detach[\s\S]*--retry[\s\S]*--env-file[\s\S]*Examples:[\s\S]*Exit status/,
    ],
    [['completion', 'bash'], 0, /'run'\) words='.*--cpus.*--here.*--name --timeout --env-file/],
    [
      ['completion', 'bash'],
      0,
      /'logs'\) words='--follow --json --help'[\s\S]*'attach'\) words='--all --help'/,
    ],
    [['logs', '--help'], 0, /--follow[\s\S]*Examples:[\s\S]*godwit logs -f nightly/],
    [['attach', '--help'], 0, /\^P \^Q[\s\S]*Exit status/],
    [['node', '--help'], 0, /timeline/],
    [['lab', 'down', '--help'], 0, /--json/],
    [['lab', 'power-off', '--help'], 0, /--json/],
  ])('%j exits %d', async (args, status, text) => {
    const result = await godwit(...args)
    expect(result.status).toBe(status)
    expect(result.stdout).toMatch(text)
  })

  it.concurrent.each<[string[], number, RegExp]>([
    [['nodse'], 2, /Did you mean one of node, nodes/],
    [['nodes', '--jsn'], 2, /Did you mean --json/],
    [['node', 'show'], 2, /missing required argument/],
    [['kill', '-s', 'FLY', 'p-1'], 2, /there is no signal "FLY"/],
    [['nodes'], 1, /no godwit server answers|no server answers[\s\S]*godwit serve/],
    [['run', '--', 'true'], 125, /no server answers/],
    [['run', '--mem', 'lots', '--', 'true'], 2, /is not a size/],
    [['run', '--on', 'memory>=lots', '--', 'true'], 2, /"lots" is not a size/],
    [['run', '--timeout', '1w', '--', 'true'], 2, /"1w" is not a time; write 90/],
    [['run', '--here', '--mem', '1G', '--', 'true'], 2, /'--here' cannot be used with option '--mem/],
    [['serve', '--config', '/nonexistent.yaml'], 1, /cannot be read/],
    [['capture', '52:54:00:77:00:01', '-i', 'lo', '-s', 'soon'], 2, /"soon" is not a number of seconds/],
    [['capture', '52:54:00:77:00:01', '-i', 'lo', '-s', '-5'], 2, /"-5" is not a number of seconds/],
    [['capture'], 2, /which machine/],
    [['serve', '--preset', 'castle'], 1, /no preset "castle"/],
  ])('%j exits %d and says why', async (args, status, text) => {
    const result = await godwit(...args)
    expect(result.stderr).toMatch(text)
    expect(result.status).toBe(status)
    expect(result.stderr).not.toMatch(/^\s+at /m)
  })

  it('reads --env-file itself, though Node has an option of that name', async () => {
    const args = ['run', '--env-file', '/nonexistent.env', '--', 'true']
    const stderr = await new Promise(resolve => {
      execFile(GODWIT, args, (_error, _stdout, text) => resolve(text))
    })
    expect(stderr).toMatch(/^godwit: --env-file: ENOENT.*nonexistent.env/)
  })

  it('lists every problem of a configuration', async () => {
    const result = await godwit('serve', '--preset', 'castle', '--log-level', 'loud')
    expect(result.stderr).toContain('2 problems')
    expect(result.stderr).toContain('log.level')
  })

  it('prints the configuration it would use', async () => {
    const result = await godwit('config', 'show', '--preset', 'office', '--json')
    expect(JSON.parse(result.stdout)).toMatchObject({ cluster: { approval: 'manual' } })
  })
})

describe('completion', () => {
  const nodes = [
    { words: '', next: ['nodes', 'node', '--help'] },
    { words: 'node', next: ['show', '--help'] },
  ]
  it('for bash is valid and completes subcommands', async () => {
    const script = `${completionScript('bash', nodes)}\nCOMP_WORDS=(godwit node s); COMP_CWORD=2; _godwit; echo "\${COMPREPLY[@]}"`
    const output = await new Promise<string>((resolve, reject) => {
      execFile('bash', ['-c', script], (error, stdout) => (error ? reject(error) : resolve(stdout)))
    })
    expect(output.trim()).toBe('show')
  })
  it('for fish and zsh names the commands', () => {
    expect(completionScript('fish', nodes)).toContain("'__fish_seen_subcommand_from node' -f -a show")
    expect(completionScript('zsh', nodes)).toContain('bashcompinit')
  })
})
