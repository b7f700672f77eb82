import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { numberedTests, numbersIn } from './checklist/numbered-tests.ts'
import { reasonsOf, rowsOf, withTests } from './checklist/page.ts'

const page = readFileSync(fileURLToPath(new URL('../../docs/conformance.md', import.meta.url)), 'utf8')
const tests = numberedTests()
const rows = rowsOf(page)
const reasons = reasonsOf(page)
const range = (letter: string, count: number, digits: number) =>
  Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(digits, '0')}`)

describe('the conformance checklist', () => {
  it('lists all checks and hostile inputs, once each', () => {
    expect(rows.map(row => row.number)).toEqual([...range('C', 160, 3), ...range('F', 39, 2)])
  })

  it('has a test or a reason for each number', () => {
    const open = rows.filter(({ number }) => !tests.has(number) && !reasons.has(number))
    expect(open.map(row => row.number)).toEqual([])
  })

  it('gives no reason for what is tested', () => {
    expect([...reasons.keys()].filter(number => tests.has(number))).toEqual([])
  })

  it('has a row for every numbered test', () => {
    const known = new Set(rows.map(row => row.number))
    expect([...tests.keys()].filter(number => !known.has(number))).toEqual([])
  })

  it('is up to date (npm run conformance)', () => {
    expect(withTests(page, tests)).toBe(page)
  })

  it('finds numbers at the beginning of titles only', () => {
    // Put together here, so that this file does not look like a test of these checks itself.
    const [first, second] = ['C' + '001', 'F' + '03']
    const sample = `test('${first} a', …); it.each([["${second} b"]]); 'see ${first}'`
    expect([...numbersIn(sample)]).toEqual([first, second])
  })
})
