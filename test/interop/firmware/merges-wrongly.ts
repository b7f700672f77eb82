import { bootLike } from './rom.ts'

/**
 * Firmware that merges offers wrongly: from the offers it takes the address server's `siaddr` and `file`, whatever a
 * proxy says (tianocore/edk2#6944, xcat-core#4830). What comes in answer to its REQUEST it believes, the last word
 * counting.
 */
await bootLike({
  arch: 0,
  async findLoader({ offers, acks }) {
    const lease = offers.find(offer => offer.yiaddr !== '0.0.0.0')
    const late = acks.filter(ack => ack.yiaddr === '0.0.0.0' && ack.file !== '').at(-1)
    const chosen = late ?? lease
    return chosen && { server: chosen.siaddr, file: chosen.file || 'pxeboot.n12' }
  },
})
