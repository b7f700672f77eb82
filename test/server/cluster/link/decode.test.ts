import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeHello, decodeMessage } from '../../../../server/cluster/link/decode.ts'

const hello = {
  type: 'hello',
  protocol: 1,
  kernelBootId: 'k-1',
  mac: '52-54-00-77-00-01',
  ip: '10.77.0.50',
  agentVersion: '0.1.0',
  agentPort: 7444,
}

test('a hello is read, its MAC in the usual spelling', () => {
  const decoded = decodeHello(JSON.stringify(hello))
  expect(decoded).toEqual({ kind: 'hello', hello: { ...hello, mac: '52:54:00:77:00:01' } })
})

describe('malformed is', () => {
  test.each<[string, string, RegExp]>([
    ['text that is not JSON', '{', /^it is not JSON$/],
    ['a message of no known type', '{"type":"bye"}', /type/],
    ['a hello without an address', JSON.stringify({ ...hello, ip: undefined }), /ip/],
    ['a port nobody can listen on', JSON.stringify({ ...hello, agentPort: 65_536 }), /agentPort/],
    ['a message that should have waited', '{"type":"answer","requestId":1}', /must be hello, not answer$/],
  ])('%s', (_, text, reason) => {
    expect(decodeHello(text)).toEqual({ kind: 'malformed', reason: expect.stringMatching(reason) })
  })

  test('whatever else an agent sends, told in at most 300 characters, never thrown', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ type: fc.string() }).map(value => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(texts, text => {
        const decoded = decodeMessage(text)
        if (decoded.kind === 'malformed') expect(decoded.reason.length).toBeLessThanOrEqual(300)
      }),
    )
  })
})
