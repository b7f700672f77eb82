import { expect, test } from 'vitest'
import { launchFrame } from '../../../agent/exec/launch.ts'
import { TicketClaims } from '../../../protocol/ticket.ts'
import { decodeTagged } from '../../../streams/tagged.ts'

const claims = TicketClaims.parse({
  jti: 'p-0000000001',
  sub: 'n-525400770001',
  bootId: 'boot',
  specSha256: '0'.repeat(64),
  memoryBytes: 0,
  memoryMaxBytes: 4096,
})

/** What a keeper is told, by tags. */
function told(...launch: Parameters<typeof launchFrame>): Readonly<Record<string, string>> {
  const decoded = decodeTagged(launchFrame(...launch).payload)
  if (decoded.kind === 'violation') throw new Error(decoded.reason)
  return Object.fromEntries(decoded.strings.map(({ tag, value }) => [tag, `${Buffer.from(value)}`]))
}

test('a process gets its limits, its groups, and a share of the processors by its threads', () => {
  const place = { base: '/cg', pidsMax: 500 }
  const limits = { c: '/cg/p-0000000001', x: '4096', q: '500' }
  expect(told(place, { ...claims, threads: 2.5 }, [1000, 27])).toEqual({ ...limits, w: '250', G: '1000,27' })
  expect(told(place, claims, undefined)).toEqual({ ...limits, w: '100' })
  expect(told(place, { ...claims, threads: 4096 }, undefined)).toEqual({ ...limits, w: '10000' })
  expect(told(place, { ...claims, threads: 0.001 }, undefined)).toEqual({ ...limits, w: '1' })
})

test('where there are no cgroups it gets no limits', () => {
  expect(told({ base: undefined, pidsMax: 500 }, claims, [])).toEqual({ G: '' })
})
