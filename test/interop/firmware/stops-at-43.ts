import { bootLike } from './rom.ts'
import { textOf } from './wire.ts'

/** Firmware that reads options up to 43 and no further, and its server and file from 66 and 67 only. */
await bootLike({
  arch: 7,
  stopAt: 43,
  async findLoader({ offers }) {
    const offer = offers.find(({ options }) => options.has(66) && options.has(67))
    return offer && { server: textOf(offer.options.get(66)), file: textOf(offer.options.get(67)) }
  },
})
