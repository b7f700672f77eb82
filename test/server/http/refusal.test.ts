import { expect, it } from 'vitest'
import { refusalOf } from '../../../server/http/refusal.ts'

it.each([
  ['GET', {}, undefined],
  ['HEAD', {}, undefined],
  ['GET', { 'content-length': '0' }, undefined],
  ['GET', { 'content-length': '5' }, 413],
  ['GET', { 'transfer-encoding': 'chunked' }, 413],
  ['GET', { 'content-length': 'x' }, 413],
  ['POST', {}, 405],
  ['PUT', { 'content-length': '5' }, 405],
])('%s with %o: %s', (method, headers, status) => {
  expect(refusalOf(method, headers)?.status).toBe(status)
})
