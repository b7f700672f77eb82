import { spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { follow, GODWIT, openRunHome, type RunHome } from './home.ts'

let home: RunHome
beforeAll(async () => {
  home = await openRunHome()
})
afterAll(() => home.close())

describe('godwit run ends with its program though nobody ends its input', () => {
  test('on an open pipe', async () => {
    const { ended } = home.start(['--', 'sh', '-c', 'echo out; exit 7'])
    expect(await ended).toMatchObject({ status: 7, stdout: 'out\n', stderr: '' })
  })

  test('on a terminal', async () => {
    const command = `${process.execPath} ${GODWIT} --socket ${home.socketPath} run -- sh -c 'exit 7'`
    const { ended } = follow(spawn('script', ['-qefc', command, '/dev/null']))
    expect(await ended).toMatchObject({ status: 7 })
  })

  test('after it has read some of it', async () => {
    const { child, ended } = home.start(['--', 'head', '-c', '2'])
    child.stdin?.write('hi')
    expect(await ended).toMatchObject({ status: 0, stdout: 'hi' })
  })
})
