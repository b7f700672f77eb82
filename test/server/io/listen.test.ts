import { expect, test } from 'vitest'
import { listenOrExplain } from '../../../server/io/listen.ts'

const systemError = (code: string) => Object.assign(new Error(code), { code, address: '10.9.9.9' })

test.each([
  ['EADDRINUSE', 'GW_PORT_IN_USE', /udp port 67 is in use .* ss -ulpn 'sport = :67'/],
  ['EACCES', 'GW_NOT_PERMITTED', /may not open udp port 67/],
  ['EPERM', 'GW_NOT_PERMITTED', /may not open udp port 67/],
  ['EADDRNOTAVAIL', 'GW_NO_INTERFACE', /does not have the address 10\.9\.9\.9/],
])('%s becomes %s with cause and next step', async (system, code, message) => {
  const cause = systemError(system)
  const listening = listenOrExplain(() => Promise.reject(cause), 67, 'udp')
  await expect(listening).rejects.toMatchObject({ code, message: expect.stringMatching(message), cause })
})

test('any other error stays what it is', async () => {
  const cause = systemError('ENOBUFS')
  await expect(listenOrExplain(() => Promise.reject(cause), 67, 'udp')).rejects.toBe(cause)
})

test('what listens is handed on', async () => {
  expect(await listenOrExplain(async () => 'open', 7080, 'tcp')).toBe('open')
})
