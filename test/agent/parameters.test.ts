import { describe, expect, test } from 'vitest'
import { parseParameters } from '../../agent/parameters.ts'

const CA = 'AB'.repeat(32)
const LINE = `BOOT_IMAGE=vmlinuz initrd=initrd.img boot=godwit godwit.server=10.77.0.1 godwit.http=8080 godwit.ca=${CA} godwit.token=a=b godwit.boot=b-1 godwit.mac=52:54:00:77:00:01 godwit.ip=10.77.0.20/24 quiet\n`

describe('kernel arguments', () => {
  test('give everything, with defaults for the ports', () => {
    expect(parseParameters(LINE)).toEqual({
      kind: 'parameters',
      parameters: {
        server: '10.77.0.1',
        http: 8080,
        api: 7443,
        agent: 7444,
        ca: CA,
        token: 'a=b',
        boot: 'b-1',
        mac: '52:54:00:77:00:01',
        ip: { address: '10.77.0.20', prefixLength: 24 },
      },
    })
  })

  test('the last of a repeated word counts', () => {
    const read = parseParameters(`${LINE.trim()} godwit.api=9443`)
    expect(read.kind === 'parameters' && read.parameters.api).toBe(9443)
  })

  test('all problems are told at once, by their kernel argument', () => {
    const read = parseParameters(
      'godwit.server=10.77.0 godwit.ca=xyz godwit.agent=0 godwit.mac=52:54:00:77:00:01',
    )
    expect(read.kind === 'bad' && read.problems.map(text => text.split(':')[0]).sort()).toEqual([
      'godwit.agent',
      'godwit.ca',
      'godwit.ip',
      'godwit.server',
    ])
  })

  test('an empty line is no node of ours', () => {
    expect(parseParameters('').kind).toBe('bad')
  })
})
