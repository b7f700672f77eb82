import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Cidr, cidrContains } from '../../../config/values/cidr.ts'
import type { PresentAddress, WantedLink } from '../../../server/links/link.ts'
import { isSame, planLinks } from '../../../server/links/plan.ts'

const want = (name: string, address?: string): WantedLink => ({
  interface: name,
  address: address === undefined ? undefined : Cidr.parse(address),
  dhcp: {},
})
const at = (name: string, cidr: string, index = 2): PresentAddress => ({
  interface: name,
  index,
  cidr: Cidr.parse(cidr),
})
const text = ({ interface: name, index, cidr }: PresentAddress) =>
  `${name}#${index} ${cidr.address}/${cidr.prefixLength}`

const A = at('eth1', '10.1.0.1/24')
const B = at('eth2', '10.2.0.1/24', 3)

type Row = readonly [
  name: string,
  wanted: readonly WantedLink[],
  present: readonly PresentAddress[],
  open: readonly PresentAddress[],
  expected: {
    readonly close?: readonly string[]
    readonly open?: readonly string[]
    readonly waiting?: RegExp
  },
]

describe('what to open and to close', () => {
  it.each<Row>([
    ['both there at the start', [want('eth1'), want('eth2')], [A, B], [], { open: [text(A), text(B)] }],
    ['nothing changed', [want('eth1'), want('eth2')], [A, B], [A, B], {}],
    ['one is missing', [want('eth1'), want('eth2')], [A], [A], { waiting: /no interface eth2 that is up/ }],
    ['one comes later', [want('eth1'), want('eth2')], [A, B], [A], { open: [text(B)] }],
    [
      'one goes',
      [want('eth1'), want('eth2')],
      [B],
      [A, B],
      { close: [text(A)], waiting: /no interface eth1/ },
    ],
    ['all gone', [want('eth1')], [], [A], { close: [text(A)], waiting: /no interface eth1/ }],
    ['others are left alone', [want('eth1')], [A, B], [A], {}],
    [
      'another address',
      [want('eth1')],
      [at('eth1', '10.9.0.1/24')],
      [A],
      { close: [text(A)], open: ['eth1#2 10.9.0.1/24'] },
    ],
    [
      'the same address with another prefix',
      [want('eth1')],
      [at('eth1', '10.1.0.1/16')],
      [A],
      { close: [text(A)], open: ['eth1#2 10.1.0.1/16'] },
    ],
    [
      'unplugged and plugged in again between two looks',
      [want('eth1')],
      [at('eth1', '10.1.0.1/24', 7)],
      [A],
      { close: [text(A)], open: ['eth1#7 10.1.0.1/24'] },
    ],
    ['a second address in front of the one in use', [want('eth1')], [at('eth1', '10.9.0.1/24'), A], [A], {}],
    ['the first of two addresses', [want('eth1')], [A, at('eth1', '10.9.0.1/24')], [], { open: [text(A)] }],
    [
      'the address that is named',
      [want('eth1', '10.9.0.1/24')],
      [A, at('eth1', '10.9.0.1/24')],
      [],
      { open: ['eth1#2 10.9.0.1/24'] },
    ],
    [
      'with the prefix that is named',
      [want('eth1', '10.1.0.1/20')],
      [A],
      [],
      { open: ['eth1#2 10.1.0.1/20'] },
    ],
    [
      'a named address that is not there yet',
      [want('eth1', '10.9.0.1/24')],
      [A],
      [],
      { waiting: /eth1 does not have the address 10\.9\.0\.1; it has 10\.1\.0\.1/ },
    ],
    [
      'two networks that overlap',
      [want('eth1'), want('eth2')],
      [A, at('eth2', '10.1.0.2/16', 3)],
      [],
      { open: [text(A)], waiting: /overlaps with that of eth1/ },
    ],
    [
      'two networks that overlap, where the second NIC has another address',
      [want('eth1'), want('eth2')],
      [A, at('eth2', '10.1.0.2/16', 3), at('eth2', '10.2.0.2/24', 3)],
      [at('eth2', '10.1.0.2/16', 3)],
      { close: ['eth2#3 10.1.0.2/16'], open: [text(A), 'eth2#3 10.2.0.2/24'] },
    ],
  ])('%s', (_name, wanted, present, open, expected) => {
    const plan = planLinks(wanted, present, open)
    expect(plan.close.map(text)).toEqual(expected.close ?? [])
    expect(plan.open.map(placed => text(placed.at))).toEqual(expected.open ?? [])
    expect(plan.waiting.map(each => each.reason).join()).toMatch(expected.waiting ?? /^$/)
  })
})

const names = fc.constantFrom('eth1', 'eth2', 'eth3')
const address = fc
  .tuple(names, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.constantFrom(16, 24))
  .map(([name, index, net, prefix]) => at(name, `10.1.${net}.${index}/${prefix}`, index))
const addresses = fc.uniqueArray(address, { selector: text, maxLength: 6 })
const wantedSome = fc.uniqueArray(names, { minLength: 1 }).map(each => each.map(name => want(name)))

describe('whatever comes and goes', () => {
  it('carried out, a plan leaves at most one link a NIC, all of them present, none overlapping, and no more to do', () => {
    fc.assert(
      fc.property(wantedSome, fc.array(addresses, { minLength: 1, maxLength: 6 }), (wanted, history) => {
        let open: readonly PresentAddress[] = []
        for (const present of history) {
          const plan = planLinks(wanted, present, open)
          open = [
            ...open.filter(each => !plan.close.some(gone => isSame(gone, each))),
            ...plan.open.map(placed => placed.at),
          ]
          expect(new Set(open.map(each => each.interface)).size).toBe(open.length)
          for (const each of open) {
            expect(present.some(one => isSame(one, each))).toBe(true)
            expect(wanted.some(one => one.interface === each.interface)).toBe(true)
            for (const other of open)
              if (other !== each) expect(cidrContains(each.cidr, other.cidr.address)).toBe(false)
          }
          expect(open.length + plan.waiting.length).toBe(wanted.length)
          const again = planLinks(wanted, present, open)
          expect([again.close, again.open]).toEqual([[], []])
        }
      }),
    )
  })
})
