import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resolveFilename } from '../../../server/tftp/filename.ts'
import { octets } from './octets.ts'

describe('resolveFilename', () => {
  const found = [
    ['x', ['x']],
    ['/x', ['x']],
    ['//x', ['x']],
    ['///a//b', ['a/b']],
    ['./a/./b', ['a/b']],
    ['\\boot\\x', ['boot/x']],
    ['C:\\boot\\x', ['boot/x']],
    ['c:x', ['x']],
    ['\\\\host\\share', ['host/share']],
    ['/proc/self/environ', ['proc/self/environ']],
    ['/dev/zero', ['dev/zero']],
    ['etc/passwd', ['etc/passwd']],
    ['x\xff', ['x\xff', 'x']],
    ['undionly.kpxe\xff\xff\xff', ['undionly.kpxe\xff\xff\xff', 'undionly.kpxe']],
    ['x \x7f\x01', ['x']],
    ['x ', ['x ', 'x']],
    ['caf\xc3\xa9.efi', ['caf\u00e9.efi']],
    ['caf\xe9.efi', ['caf\u00e9.efi']],
    ['%2e%2e%2fetc', ['%2e%2e%2fetc']],
    ['%00', ['%00']],
    ['..;/x', ['..;/x']],
    ['....//x', ['..../x']],
    ['\xc0\xae\xc0\xae/x', ['\u00c0\u00ae\u00c0\u00ae/x']],
    ['a..b/..c', ['a..b/..c']],
  ] as const
  it.each(found)('C143 %j is looked up as %j', (filename, expected) => {
    const resolved = resolveFilename(octets(filename))
    if (resolved.kind === 'refused') throw new Error(resolved.reason)
    expect(resolved.paths.map(path => path.join('/'))).toEqual(expected)
  })

  const prefixed = [
    ['/tftpboot/a/b', ['tftpboot/a/b', 'a/b']],
    ['\\srv\\tftp\\x\xff', ['srv/tftp/x\xff', 'srv/tftp/x', 'x\xff', 'x']],
    ['tftpboot', ['tftpboot']],
    ['tftpboots/x', ['tftpboots/x']],
  ] as const
  it.each(prefixed)("C143 %j is looked up as %j, without other servers' roots", (filename, expected) => {
    const resolved = resolveFilename(octets(filename), ['/tftpboot/', 'srv/tftp'])
    if (resolved.kind === 'refused') throw new Error(resolved.reason)
    expect(resolved.paths.map(path => path.join('/'))).toEqual(expected)
  })

  const refused = [
    ['..', 2, 'path leaves the root'],
    ['../../etc/passwd', 2, 'path leaves the root'],
    ['a/../b', 2, 'path leaves the root'],
    ['..\\x', 2, 'path leaves the root'],
    ['/..', 2, 'path leaves the root'],
    ['C:..\\x', 2, 'path leaves the root'],
    ['..\xff', 2, 'path leaves the root'],
    ['a/..\x01', 2, 'path leaves the root'],
    ['/', 1, 'no file named'],
    ['.', 1, 'no file named'],
    ['C:', 1, 'no file named'],
    ['a\x01b', 2, 'control character in file name'],
    ['a\nb', 2, 'control character in file name'],
    ['\x01', 1, 'no file named'],
  ] as const
  it.each(refused)('C142 %j is refused with ERROR %i', (filename, code, reason) => {
    expect(resolveFilename(octets(filename))).toEqual({ kind: 'refused', code, reason })
  })

  it('F29 never yields a segment that could leave the root', () => {
    const pieces = fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      'C:',
      'a',
      ' ',
      '\xff',
      '\xc0\xae',
      '%2e',
      '\x01',
      '\u00b7',
    )
    const nasty = fc.array(pieces, { maxLength: 12 }).map(parts => octets(parts.join('')))
    fc.assert(
      fc.property(fc.oneof(nasty, fc.uint8Array({ minLength: 1, maxLength: 255 })), filename => {
        const resolved = resolveFilename(filename)
        if (resolved.kind === 'refused') return
        for (const segment of resolved.paths.flat()) {
          expect(['', '.', '..']).not.toContain(segment)
          expect(segment).not.toMatch(/[/\\\x00-\x1f]/)
        }
        expect(resolved.paths.every(path => path.length > 0)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})
