import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const GODWIT = fileURLToPath(new URL('../../cli/godwit.js', import.meta.url))

/** Runs a shell line with the real command line as `$0`. */
function shell(line: string): Promise<{ status: number; stderr: string }> {
  return new Promise(resolve => {
    execFile('bash', ['-c', line, GODWIT], (error, _stdout, stderr) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, stderr })
    })
  })
}

test.concurrent('a reader that has gone ends a command without a word', async () => {
  const { status, stderr } = await shell('node "$0" config show --json | true; exit ${PIPESTATUS[0]}')
  expect([status, stderr]).toEqual([141, ''])
})

test.concurrent('a full disk is one sentence', async () => {
  const { status, stderr } = await shell('node "$0" completion bash > /dev/full')
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/^godwit: the output cannot be written: ENOSPC.*\n$/),
  ])
})
