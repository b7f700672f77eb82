import { afterEach } from 'vitest'
import type { Rig } from './tftp-rig.ts'
import { RawClient, startRig } from './tftp-rig.ts'

/** An ACK as text, one character an octet. */
export const ACK = (block: number): string => `\x00\x04${String.fromCharCode(block >> 8, block & 0xff)}`
/** A DATA as text; `block` below 256. */
export const DATA = (block: number, data: string): string =>
  `\x00\x03\x00${String.fromCharCode(block)}${data}`

/** A text with a line end, for netascii. */
export const TEXT = 'a\nb'
/** What the tests' server has. */
export const FILES = {
  x: Buffer.from('x'.repeat(700)),
  'boot/x': Buffer.from('boot'),
  text: Buffer.from(TEXT),
  empty: Buffer.of(),
}

/** Servers and clients of one test file, each closed after the test that opened it. */
export function opensForEachTest() {
  const opened: { close(): unknown }[] = []
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close()
  })
  return {
    async rig(...options: Parameters<typeof startRig>): Promise<Rig> {
      const started = await startRig(...options)
      opened.push(started)
      return started
    },
    async client(): Promise<RawClient> {
      const raw = await RawClient.open()
      opened.push(raw)
      return raw
    },
  }
}
