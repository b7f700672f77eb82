import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitArgFile, splitEnvOptions } from '../../../../server/placement/demand/jvm-words.ts'

describe('options in a variable', () => {
  it.each([
    ['', []],
    ['  -Xmx1g\t-ea\n', ['-Xmx1g', '-ea']],
    ['-Da="b c" -Dd=\'e "f"\'', ['-Da=b c', '-Dd=e "f"']],
    ['"-Xmx6"0m', ['-Xmx60m']],
    ['-Da=x\\ y #z', ['-Da=x\\', 'y', '#z']],
    ['-Da="open', ['-Da=', 'open']],
  ])('%j are %j', (text, words) => {
    expect(splitEnvOptions(text)).toEqual(words)
  })
})

describe('options in an argument file', () => {
  it.each([
    ['-Xmx1g\n-ea', ['-Xmx1g', '-ea']],
    ['# -Xmx1g\n-ea # more\r\n-Xss1m', ['-ea', '-Xss1m']],
    ['-cp "a b;c\\\\d"', ['-cp', 'a b;c\\d']],
    ['"-Xmx7\\\n   1m"', ['-Xmx71m']],
    ["'x # y'", ['x # y']],
    ['-Dx="a\\tb\\"c"', ['-Dx=a\tb"c']],
    ['-Xmx70m#lost\n-ea', ['-ea']],
  ])('%j are %j', (text, words) => {
    expect(splitArgFile(text)).toEqual(words)
  })
})

it('reads whatever it is given, quickly', () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.constantFrom('"', "'", '\\', '#', ' ', 'a').chain(c => fc.nat(50_000).map(n => c.repeat(n))),
  )
  fc.assert(
    fc.property(hostile, text => {
      expect(Array.isArray(splitEnvOptions(text)) && Array.isArray(splitArgFile(text))).toBe(true)
    }),
  )
})
