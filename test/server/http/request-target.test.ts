import fc from 'fast-check'
import { expect, it } from 'vitest'
import { pathOf } from '../../../server/http/request-target.ts'

it.each([
  ['/a/b?c=d', '/a/b?c=d'],
  ['http://10.0.0.1:7080/a/b', '/a/b'],
  ['HTTP://host/a', '/a'],
  ['http://host', '/'],
  ['http://host?x=1', '/?x=1'],
  ['/http://host/a', '/http://host/a'],
  ['*', '*'],
])('%s asks for %s', (target, path) => {
  expect(pathOf(target)).toBe(path)
})

it('leaves a path as it is, whatever authority stands before it', () => {
  const path = fc.webPath().map(text => (text.startsWith('/') ? text : `/${text}`))
  fc.assert(fc.property(fc.webAuthority(), path, (host, text) => pathOf(`http://${host}${text}`) === text))
})
