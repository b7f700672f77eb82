import { bootLike } from './rom.ts'

/** Firmware that has no option 97 and wants none; nothing else is wrong with it. */
await bootLike({
  arch: 0,
  accepts: reply => !reply.options.has(97),
  async findLoader({ offers }) {
    const offer = offers.find(({ file, options }) => file !== '' && options.has(60))
    return offer && { server: offer.siaddr, file: offer.file }
  },
})
