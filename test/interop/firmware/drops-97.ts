import { bootLike } from './rom.ts'
import { textOf } from './wire.ts'

/**
 * Firmware whose option 97 is nonsense, all ones, and that drops every reply with a 97 in it (Intel X552 and others
 * have none, or a wrong one: danderson/netboot#21).
 */
await bootLike({
  arch: 0,
  machineId: [0, ...Array(16).fill(0xff)],
  accepts: reply => !reply.options.has(97),
  async findLoader({ offers }) {
    const offer = offers.find(({ file, options }) => file !== '' && textOf(options.get(60)) === 'PXEClient')
    return offer && { server: offer.siaddr, file: offer.file }
  },
})
