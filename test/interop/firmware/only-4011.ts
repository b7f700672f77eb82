import { bootLike } from './rom.ts'
import { readOptions, textOf } from './wire.ts'

/**
 * A server's firmware that never reads the file in a proxy's offer (HP DL380 G9: danderson/netboot#43). Told by option
 * 43 to boot from the offer it has nothing and starts over; without 43 it asks port 4011.
 */
await bootLike({
  arch: 0,
  async findLoader({ offers, askBootServer }) {
    const proxy = offers.find(offer => textOf(offer.options.get(60)) === 'PXEClient')
    const control = readOptions(proxy?.options.get(43) ?? new Uint8Array()).get(6)?.[0] ?? 0
    if (proxy === undefined || (control & 8) !== 0) return undefined
    const answer = await askBootServer(proxy.siaddr)
    return answer && { server: answer.siaddr, file: answer.file }
  },
})
