import { bootLike } from './rom.ts'
import { textOf } from './wire.ts'

/**
 * UEFI that drops every offer with option 43 in it (seen by pixiecore's author with EFI firmware: netboot, dhcp.go).
 * An offer with option 60 and no file sends it to port 4011.
 */
await bootLike({
  arch: 7,
  accepts: reply => !reply.options.has(43),
  async findLoader({ offers, askBootServer }) {
    const proxy = offers.find(offer => textOf(offer.options.get(60)) === 'PXEClient')
    if (proxy === undefined) return undefined
    if (proxy.file !== '') return { server: proxy.siaddr, file: proxy.file }
    const answer = await askBootServer(proxy.siaddr)
    return answer && { server: answer.siaddr, file: answer.file }
  },
})
