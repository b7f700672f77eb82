import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRequest } from '../../streams/request.ts'
import { decodeTagged, encodeTagged, numberOf, textOf, textsOf } from '../../streams/tagged.ts'

const text = fc.string({ unit: 'grapheme' }).filter(value => !value.includes('\0'))
const tag = fc.constantFrom(...'AXIECuGgLNSFWtTOD')

describe('tagged strings', () => {
  test('come out as they went in', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(tag, text), { maxLength: 30 }), pairs => {
        const decoded = decodeTagged(encodeTagged(pairs))
        if (decoded.kind === 'violation') throw new Error(decoded.reason)
        expect(decoded.strings.map(one => [one.tag, Buffer.from(one.value).toString()])).toEqual(pairs)
      }),
    )
  })

  test('are never an error of ours, whatever octets come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        const decoded = decodeTagged(bytes)
        if (decoded.kind === 'tagged') {
          const length = decoded.strings.reduce((sum, { value }) => sum + value.length + 2, 0)
          expect(length).toBe(bytes.length)
        } else expect(decoded.reason).toMatch(/tag/)
      }),
    )
  })

  test('are found by their tag, as text or number', () => {
    const payload = encodeTagged([
      ['p', 17],
      ['A', 'one'],
      ['A', 'two\0hidden'],
      ['m', '12x'],
    ])
    const decoded = decodeTagged(payload)
    const strings = decoded.kind === 'tagged' ? decoded.strings : []
    expect(textsOf(strings, 'A')).toEqual(['one', 'two'])
    expect([numberOf(strings, 'p'), numberOf(strings, 'm'), numberOf(strings, 'z')]).toEqual([
      17,
      undefined,
      undefined,
    ])
    expect(textOf(strings, 'z')).toBeUndefined()
  })
})

describe('a request', () => {
  const whole = [
    ['A', 'java'],
    ['A', '-jar'],
    ['E', 'PATH=/bin'],
    ['B', 'run.args\n-Xmx1g\nApp'],
    ['E', 'JAVA_TOOL_OPTIONS=-Xmx1g -Da=b'],
    ['C', '/srv'],
    ['u', '1000'],
    ['g', '1000'],
    ['G', '1000,27'],
    ['O', 'retry'],
    ['O', 'mem=536870912'],
  ] as const

  test('tells doors and agents what they decide by, and of the environment only what was asked', () => {
    expect(readRequest(encodeTagged(whole), ['JAVA_TOOL_OPTIONS'])).toEqual({
      kind: 'asked',
      argv: ['java', '-jar'],
      claim: { uid: 1000, gid: 1000, groups: [1000, 27] },
      cwd: '/srv',
      env: { JAVA_TOOL_OPTIONS: '-Xmx1g -Da=b' },
      argFiles: { 'run.args': '-Xmx1g\nApp' },
      options: new Map([
        ['retry', '1'],
        ['mem', '536870912'],
      ]),
    })
  })

  test.each([
    ['no command', 'A'],
    ['no working directory', 'C'],
    ['no user', 'u'],
    ['no user', 'g'],
  ])('that lacks something is none: %s', (reason, tagLeftOut) => {
    const pairs = whole.filter(([one]) => one !== tagLeftOut)
    expect(readRequest(encodeTagged(pairs), [])).toMatchObject({
      kind: 'violation',
      reason: `the request is not understood: ${reason}`,
      options: new Map([
        ['retry', '1'],
        ['mem', '536870912'],
      ]),
    })
  })

  test('with a field that nobody knows is not guessed at', () => {
    expect(readRequest(encodeTagged([...whole, ['Z', '1']]), [])).toMatchObject({
      kind: 'violation',
      reason: 'the request is not understood: there is no field "Z"',
    })
  })

  test.each(['u', 'g', 'G'])('that says twice who asks is none: %s', tag => {
    const payload = encodeTagged([...whole, [tag, '0']])
    expect(readRequest(payload, []).kind).toBe('violation')
  })

  test.each(['-1', '4294967295', 'x', '1.5'])('of a user or group that cannot be is none: %s', id => {
    const pairs = whole.map(([one, value]) => [one, one === 'G' ? `1,${id}` : value] as const)
    expect(readRequest(encodeTagged(pairs), []).kind).toBe('violation')
  })
})
