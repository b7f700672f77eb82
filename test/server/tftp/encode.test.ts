import { describe, expect, it } from 'vitest'
import { encodeData, encodeError, encodeOack } from '../../../server/tftp/encode.ts'
import { octets } from './octets.ts'

describe('encode', () => {
  it('writes DATA with the block number modulo 65536', () => {
    expect(encodeData(1, octets('ab'), 0)).toEqual(octets('\x00\x03\x00\x01ab'))
    expect(encodeData(65_536, octets(''), 0)).toEqual(octets('\x00\x03\x00\x00'))
    expect(encodeData(65_537 + 0x0100, octets(''), 0)).toEqual(octets('\x00\x03\x01\x01'))
  })

  it('writes an OACK with names as the client spelled them', () => {
    const options = [
      { name: 'blksize', value: '1468' },
      { name: 'WindowSize', value: '4' },
    ]
    expect(encodeOack(options)).toEqual(octets('\x00\x06blksize\x001468\x00WindowSize\x004\x00'))
  })

  it('writes an ERROR of at most 80 printable characters and its NUL', () => {
    expect(encodeError(1, 'file not found')).toEqual(octets('\x00\x05\x00\x01file not found\x00'))
    expect(encodeError(0, '\u00e4\n\x00'.padEnd(200, 'x'))).toEqual(
      octets(`\x00\x05\x00\x00???${'x'.repeat(77)}\x00`),
    )
  })
})
