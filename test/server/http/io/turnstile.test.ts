import { expect, it } from 'vitest'
import { createTurnstile } from '../../../../server/http/io/turnstile.ts'

it('lets two pass a turn, in the order they came, and turns on when more come later', async () => {
  const turnstile = createTurnstile(2)
  let turns = 0
  const passed: [string, number][] = []
  const pass = (name: string) => turnstile.pass().then(() => passed.push([name, turns]))
  const all = Promise.all(['a', 'b', 'c', 'd', 'e'].map(pass))
  const count = () => {
    turns++
    if (passed.length < 5) setImmediate(count)
  }
  setImmediate(count)
  await all
  expect(passed.map(([name]) => name).join('')).toBe('abcde')
  const turnOf = (index: number) => passed[index]?.[1] ?? 0
  expect(turnOf(0)).toBe(turnOf(1))
  expect(turnOf(2)).toBeGreaterThan(turnOf(1))
  expect(turnOf(4)).toBeGreaterThan(turnOf(3))
  await pass('later')
  expect(passed.at(-1)?.[0]).toBe('later')
})
