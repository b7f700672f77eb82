import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bytes, formatBytes, parseBytes } from '../../../config/values/bytes.ts'
import { broadcastOf, Cidr, cidrContains, netmaskOf, networkOf } from '../../../config/values/cidr.ts'
import { hexOf } from '../../../config/values/hex.ts'
import {
  Ipv4,
  ipv4FromBytes,
  ipv4FromNumber,
  ipv4ToBytes,
  ipv4ToNumber,
} from '../../../config/values/ipv4.ts'
import { Mac, macFromBytes, macToBootif, macToBytes } from '../../../config/values/mac.ts'

describe('hexOf', () => {
  it.each([
    [[], '', ''],
    [[0, 15, 16, 255], '', '000f10ff'],
    [[0, 15, 255], ':', '00:0f:ff'],
  ])('%j joined by "%s" is "%s"', (octets, separator, text) => {
    expect(hexOf(octets, separator)).toBe(text)
  })
})

describe('Mac', () => {
  it('normalises case and separators', () => {
    expect(Mac.parse('52-54-00-AB-cd-EF')).toBe('52:54:00:ab:cd:ef')
    expect(macToBootif(Mac.parse('52:54:00:77:00:01'))).toBe('01-52-54-00-77-00-01')
  })
  it.each(['', '52:54:00:77:00', '52:54:00:77:00:0g', '525400770001'])('refuses %j', text => {
    expect(Mac.safeParse(text).success).toBe(false)
  })
  it('goes to bytes and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), bytes => {
        expect([...macToBytes(macFromBytes(bytes))]).toEqual([...bytes])
      }),
    )
  })
})

describe('Ipv4', () => {
  it.each(['10.0.0', '010.0.0.1', '10.0.0.256', '10.0.0.1.', '10', 'a.b.c.d', '1.2.3.4 '])(
    'refuses %j',
    text => {
      expect(Ipv4.safeParse(text).success).toBe(false)
    },
  )
  it('goes to a number, to bytes, and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), value => {
        const ip = ipv4FromNumber(value)
        expect(Ipv4.parse(ip)).toBe(ip)
        expect(ipv4ToNumber(ip)).toBe(value)
        expect(ipv4FromBytes(ipv4ToBytes(ip))).toBe(ip)
      }),
    )
  })
})

describe('Cidr', () => {
  it.each([
    ['10.77.0.1/24', '10.77.0.0', '10.77.0.255', '255.255.255.0'],
    ['192.168.1.130/25', '192.168.1.128', '192.168.1.255', '255.255.255.128'],
    ['10.0.0.5/32', '10.0.0.5', '10.0.0.5', '255.255.255.255'],
    ['10.0.0.5/0', '0.0.0.0', '255.255.255.255', '0.0.0.0'],
  ])('%s', (text, network, broadcast, mask) => {
    const cidr = Cidr.parse(text)
    expect([networkOf(cidr), broadcastOf(cidr), netmaskOf(cidr.prefixLength)]).toEqual([
      network,
      broadcast,
      mask,
    ])
    expect(cidrContains(cidr, cidr.address)).toBe(true)
  })
  it.each(['10.0.0.1', '10.0.0.1/33', '10.0.0/8', '10.0.0.300/8'])('refuses %j', text => {
    expect(Cidr.safeParse(text).success).toBe(false)
  })
})

describe('Bytes', () => {
  it.each([
    ['0', 0],
    ['512M', 536_870_912],
    ['1.5GiB', 1_610_612_736],
    ['2 kb', 2048],
    ['64b', 64],
  ])('%s is %d', (text, size) => expect(Bytes.parse(text)).toBe(size))
  it.each(['', 'M', '12X', '-1', '1 2'])('refuses %j', text => expect(parseBytes(text)).toBeUndefined())
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [641_728_512, '612 MiB'],
    [1_610_612_736, '1.5 GiB'],
  ])('%d prints %s', (size, text) => expect(formatBytes(size)).toBe(text))
})
