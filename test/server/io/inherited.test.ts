import { expect, it } from 'vitest'
import { inheritedSockets } from '../../../server/io/inherited.ts'

const passed = { LISTEN_PID: '42', LISTEN_FDS: '3', LISTEN_FDNAMES: 'eth1:eth1:eth2' }

it.each([
  ['three, named', passed, ['3 eth1', '4 eth1', '5 eth2']],
  ['for another process', { ...passed, LISTEN_PID: '7' }, []],
  ['without names', { ...passed, LISTEN_FDNAMES: undefined }, ['3 ', '4 ', '5 ']],
  ['no number', { ...passed, LISTEN_FDS: 'many' }, []],
  ['a number of descriptors nobody has', { ...passed, LISTEN_FDS: '4294967295' }, []],
  ['nothing', {}, []],
])('descriptors of systemd: %s', (_name, environment, expected) => {
  expect(inheritedSockets(environment, 42).map(({ fd, name }) => `${fd} ${name}`)).toEqual(expected)
})
