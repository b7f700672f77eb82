import { expect, it } from 'vitest'
import { congestionInstead } from '../../../server/http/congestion.ts'

it.each([
  ['bbr', 'cubic'],
  ['bbr3', 'cubic'],
  ['cubic', undefined],
  ['reno', undefined],
  ['dctcp', undefined],
])('where the host has %s, files go out by %s', (hosts, used) => {
  expect(congestionInstead(hosts)).toBe(used)
})
