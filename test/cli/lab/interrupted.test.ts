import { expect, test } from 'vitest'
import { orTakeDown } from '../../../cli/lab/interrupted.ts'

test.each([
  ['an interruption', new DOMException('stopped', 'AbortError'), 1],
  ['a failure', new Error('no boot'), 0],
])('after %s the lab is taken down %j', async (_name, error, times) => {
  let taken = 0
  const takeDown = async () => {
    taken += 1
  }
  await expect(orTakeDown(Promise.reject(error), takeDown)).rejects.toBe(error)
  expect(taken).toBe(times)
})

test('what came up stays up', async () => {
  expect(await orTakeDown(Promise.resolve('report'), () => Promise.reject(new Error('not asked')))).toBe(
    'report',
  )
})
