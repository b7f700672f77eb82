import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openFromDirectory } from '../../../server/tftp/io/directory.ts'
import { readRequest } from './octets.ts'
import type { Rig } from './tftp-rig.ts'
import { RawClient, startRig } from './tftp-rig.ts'

const OLD = 'old '.repeat(40_000)
const NEW = 'new '.repeat(40_000)

let root = ''
let rig: Rig
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'godwit-tftp-replaced-'))
  rig = await startRig(openFromDirectory(root))
})
afterAll(async () => {
  await rig.close()
  await rm(root, { recursive: true })
})

async function write(name: string, content: string): Promise<void> {
  await writeFile(join(root, name), content)
  await chmod(join(root, name), 0o644)
}

/** What a client gets of `name` when `change` happens behind its third block: the content, or the ERROR. */
async function readWhile(name: string, change: () => Promise<void>): Promise<string> {
  const raw = await RawClient.open()
  raw.send(readRequest(name, 'octet'), rig.port)
  let content = ''
  try {
    for (let block = 1; ; ) {
      const { text, port } = await raw.next()
      if (text.startsWith('\x00\x05')) return text.slice(4)
      // On a busy machine the server may have sent a block twice.
      if (text.charCodeAt(2) * 256 + text.charCodeAt(3) !== block) continue
      content += text.slice(4)
      if (block === 3) await change()
      raw.send(`\x00\x04${String.fromCharCode(block >> 8, block & 255)}`, port)
      if (text.length < 516) return content
      block += 1
    }
  } finally {
    raw.close()
  }
}

it('C149 a file replaced by another one is read to its end as it was', async () => {
  await write('swapped', OLD)
  await write('swapped.new', NEW)
  const got = await readWhile('swapped', () => rename(join(root, 'swapped.new'), join(root, 'swapped')))
  expect(got === OLD).toBe(true)
  expect((await readWhile('swapped', async () => undefined)) === NEW).toBe(true)
})

it('C149 a file written over while it is read ends in an ERROR, never in a mixture', async () => {
  await write('edited', OLD)
  expect(await readWhile('edited', () => writeFile(join(root, 'edited'), NEW))).toBe('read error\x00')
  expect((await readWhile('edited', async () => undefined)) === NEW).toBe(true)
})
