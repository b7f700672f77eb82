import { bootLike } from './rom.ts'
import { readOptions } from './wire.ts'

/**
 * A ROM of 1999 that knows server discovery only: it takes the boot server and the item from the menu in option 43,
 * asks port 4011 for that item, and wants it named in the answer ("Intel UNDI, PXE-2.0 (build 071)": netboot#132).
 */
await bootLike({
  arch: 0,
  async findLoader({ offers, askBootServer }) {
    const menus = offers.map(offer => readOptions(offer.options.get(43) ?? new Uint8Array()))
    const menu = menus.find(sub => sub.has(8) && sub.has(9))
    const [high = 0, low = 0, , ...address] = menu?.get(8) ?? []
    if (menu === undefined) return undefined
    const answer = await askBootServer(address.slice(0, 4).join('.'), [[43, [71, 4, high, low, 0, 0, 255]]])
    const item = readOptions(answer?.options.get(43) ?? new Uint8Array()).get(71)
    if (answer === undefined || item?.[0] !== high || item[1] !== low) return undefined
    return { server: answer.siaddr, file: answer.file }
  },
})
