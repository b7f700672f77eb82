import { bootLike } from './rom.ts'
import { readOptions } from './wire.ts'

/** A ROM that boots only when option 43 has a menu prompt (PXE-E74 otherwise). */
await bootLike({
  arch: 0,
  async findLoader({ offers }) {
    const offer = offers.find(({ options }) => readOptions(options.get(43) ?? new Uint8Array()).has(10))
    return offer?.file ? { server: offer.siaddr, file: offer.file } : undefined
  },
})
