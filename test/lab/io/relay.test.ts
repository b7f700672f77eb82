import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { openLabRelay, serveLabRelay } from '../../../lab/io/relay.ts'

let folder = ''
let path = ''
let relay: Server
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'godwit-relay-'))
  path = join(folder, 'relay.sock')
  relay = await serveLabRelay(path)
})
afterAll(async () => {
  relay.close()
  await rm(folder, { recursive: true })
})

/** What the relay says to a caller that writes `text`: nothing, and whether it hangs up. */
function say(text: string): Promise<'closed'> {
  return new Promise(resolve => {
    const socket = connect(path, () => socket.write(text))
    socket.on('close', () => resolve('closed'))
    socket.on('error', () => undefined)
  })
}

it.each([
  ['no address', 'hello\n'],
  ['an address outside the lab', '127.0.0.1 22\n'],
  ['no port there is', '10.77.0.100 99999\n'],
  ['a line without end', 'x'.repeat(4096)],
])('hangs up on %s', async (_name, text) => {
  expect(await say(text)).toBe('closed')
})

it('says when there is no relay', async () => {
  await expect(openLabRelay(join(folder, 'none.sock'), '10.77.0.100' as Ipv4, 7444)).rejects.toThrow(
    'cannot be reached',
  )
})
