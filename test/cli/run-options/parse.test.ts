import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEnvFile } from '../../../cli/run-options/env-file.ts'

const read = (text: string) => {
  const parsed = parseEnvFile(text, { HOME: '/home/alice' })
  return parsed.kind === 'env' ? Object.fromEntries(parsed.variables) : `${parsed.line}: ${parsed.reason}`
}

describe('parseEnvFile', () => {
  it('takes values as they are', () => {
    expect(read('A=1\n# no\n\n  B= x = "y" # z\r\nC=\n')).toEqual({ A: '1', B: ' x = "y" # z', C: '' })
  })
  it('takes a name alone from here, and nothing where it is not set', () => {
    expect(read('HOME\nABSENT\n')).toEqual({ HOME: '/home/alice' })
  })
  it.each([
    ['A=1\n2B=3', '2: "2B" is not the name of a variable'],
    ['export A=1', '1: "export A" is not the name of a variable'],
    ['A=\0', '1: it has a NUL'],
  ])('names the line that is wrong: %j', (text, reason) => {
    expect(read(text)).toBe(reason)
  })
  it('gives back every value that has one line', () => {
    const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/)
    const value = fc.string().map(text => text.replace(/[\r\n\0]/g, ''))
    fc.assert(
      fc.property(fc.dictionary(name, value), variables => {
        const text = Object.entries(variables).map(([key, one]) => `${key}=${one}\n`)
        expect(read(text.join(''))).toEqual({ ...variables })
      }),
    )
  })
})
