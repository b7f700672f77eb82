import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { command } from './command.ts'
import { frameBytes, taggedBytes } from './frame-bytes.ts'
import { buildNative, whyNoNative } from './relay.ts'

/** Signals with which a program of ours has gone wrong. */
const CRASHES = ['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGFPE', 'SIGILL', 'SIGTRAP', 'SIGSYS']
/** Types that may legally end the deputy by any signal: `ended`, and `stopped`, which would stop it for good. */
const UNTOLD = [21, 22]

const anyFrame = fc
  .tuple(
    fc.integer({ min: 0, max: 255 }).filter(type => !UNTOLD.includes(type)),
    fc.uint8Array({ maxLength: 300 }),
  )
  .map(([type, payload]) => frameBytes(type, payload))

describe.skipIf(whyNoNative() !== undefined)('broken frames', () => {
  it('never crash the deputy, whatever the door says', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'godwit-broken-'))
    const door = join(folder, 'door')
    const deputy = join(buildNative(), 'godwit-deputy')
    let words: readonly Uint8Array[] = []
    const server = createServer(socket => {
      socket.on('error', () => undefined)
      for (const bytes of [
        frameBytes(37),
        frameBytes(35, taggedBytes(['Pp-1'])),
        frameBytes(16, taggedBytes(['p1'])),
        ...words,
      ])
        socket.write(bytes)
      socket.end()
      socket.resume()
    })
    await new Promise<void>(resolve => server.listen(door, resolve))
    try {
      const noise = fc
        .uint8Array({ maxLength: 40 })
        .filter(bytes => !bytes.some(one => UNTOLD.includes(one)))
        .map(bytes => [bytes])
      await fc.assert(
        fc.asyncProperty(fc.oneof(fc.array(anyFrame, { maxLength: 12 }), noise), async answer => {
          words = answer
          const { signal } = await command([deputy, 'run', `--door=${door}`, '--', 'true'])
          expect(CRASHES).not.toContain(signal)
        }),
        { numRuns: 60 },
      )
    } finally {
      server.close()
      rmSync(folder, { recursive: true })
    }
  })
})
