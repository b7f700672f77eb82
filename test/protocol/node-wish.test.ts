import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseWish, type WishedNode } from '../../protocol/node-wish.ts'

const node: WishedNode = {
  id: 'n-525400770001',
  name: 'bios1',
  image: 'ab12cd34'.padEnd(64, '0'),
  memoryBytes: 2 * 2 ** 30,
  threads: 4,
  speed: 0.5,
}
const matches = (text: string) => {
  const wish = parseWish(text)
  return wish.kind === 'wish' ? wish.matches(node) : wish.reason
}

describe('parseWish', () => {
  it.each([
    'bios1',
    'n-525400770001',
    'bios*',
    'uefi1|bios1',
    '!uefi1',
    'memory>=2G',
    'memory = 2GiB',
    'threads>=4,speed>0.4',
    'threads<5 , !memory<2G',
    'image=ab12',
    '*',
  ])('%s fits', text => {
    expect(matches(text)).toBe(true)
  })

  it.each(['bios', 'uefi1|uefi2', '!bios1', 'memory>2G', 'bios1,threads>4', 'image=ffff', '!*', 'bios1.'])(
    '%s does not',
    text => {
      expect(matches(text)).toBe(false)
    },
  )

  it.each([
    ['', 'a term is empty'],
    ['bios1,,uefi1', 'a term is empty'],
    ['memory>=lots', '"memory>=lots": "lots" is not a size'],
    ['threads>=', '"threads>=" is neither a name nor a comparison'],
    ['cores>=4', '"cores>=4": a node has memory, threads, speed and image, no "cores"'],
    ['image>=ab12', '"image>=ab12": image= and at least four digits of its digest'],
    ['bios1 uefi1', '"bios1 uefi1" is neither a name nor a comparison'],
    ['a*b*c*d*e', '"a*b*c*d*e" has more than 3 stars'],
    ['x'.repeat(501), 'longer than 500 characters'],
  ])('says what is wrong with "%s"', (text, reason) => {
    expect(matches(text)).toBe(reason)
  })

  it('never throws, and a name means that name whatever letters it has', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        parseWish(text)
      }),
    )
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/), name => {
        const wish = parseWish(name)
        expect(wish.kind === 'wish' && wish.matches({ ...node, name })).toBe(true)
      }),
    )
  })
})
