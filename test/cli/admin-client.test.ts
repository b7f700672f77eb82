import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { adminClient } from '../../cli/admin-client.ts'

test('a server that accepts and never answers is no way to a node', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'godwit-test-admin-'))
  const path = join(dir, 'admin.sock')
  const sockets: Socket[] = []
  const server = createServer(socket => sockets.push(socket.on('error', () => undefined))).listen(path)
  await once(server, 'listening')
  await expect(adminClient(path).relay('n-525400000001', { timeoutMs: 50 })).rejects.toMatchObject({
    code: 'GW_NODE_OFFLINE',
    message: 'no way to n-525400000001 through the server in 50 ms',
  })
  for (const socket of sockets) socket.destroy()
  server.close()
  rmSync(dir, { recursive: true })
})
