import { AT, optionsOf } from './build.ts'

/** A request as it was recorded, and where the values of its options start. */
type Template = { readonly bytes: Uint8Array; readonly offsets: ReadonlyMap<number, number> }

/** Vendor bytes of the valid clients' MACs; fuzzed packets never have them. */
const VENDOR = 0x02564100
const TRIES = 4
const RETRY_MS = 1000
const [DISCOVER, REQUEST] = [0, 1]
const [OFFER, ACK, NAK] = [2, 5, 6]

/** Valid PXE clients; each does one whole exchange at a time and must always be given the same address. */
export type ValidClients = {
  /** Resolves with how many requests had to be repeated; rejects when it is not served, or wrongly. */
  exchange(): Promise<number>
  /** Takes a reply; false when it is for none of these clients. */
  receive(bytes: Uint8Array): boolean
}

/** `count` clients behind our relay, who take turns; `recorded` are the DISCOVER and the REQUEST of one. */
export function createValidClients(
  recorded: readonly [Uint8Array, Uint8Array],
  count: number,
  send: (bytes: Uint8Array) => void,
): ValidClients {
  const templates = recorded.map(templateOf)
  const waiting = new Map<
    number,
    { readonly xid: number; readonly wanted: number; readonly take: (bytes: Uint8Array) => void }
  >()
  const addresses = new Map<number, string>()
  let turn = 0
  let xids = 0

  /** Sends until there is an answer of the wanted type; resolves with it and the number of repetitions. */
  const ask = async (client: number, xid: number, bytes: Uint8Array, wanted: number) => {
    for (let repeats = 0; repeats < TRIES; repeats += 1) {
      let timer: NodeJS.Timeout | undefined
      const answer = await new Promise<Uint8Array | undefined>(resolve => {
        waiting.set(client, { xid, wanted, take: resolve })
        timer = setTimeout(() => resolve(undefined), RETRY_MS)
        send(bytes)
      })
      clearTimeout(timer)
      waiting.delete(client)
      if (answer === undefined) continue
      if (optionsOf(answer)?.get(53)?.[0] === NAK) throw new Error('a valid client was refused (NAK)')
      return { answer, repeats }
    }
    throw new Error(`a valid client was not answered ${TRIES} times (it waited for type ${wanted})`)
  }

  return {
    async exchange() {
      const client = turn++ % count
      const xid = ++xids
      const offer = await ask(client, xid, fill(templates[DISCOVER], client, xid), OFFER)
      const address = offer.answer.slice(AT.yiaddr, AT.yiaddr + 4)
      const ack = await ask(client, xid, fill(templates[REQUEST], client, xid, address), ACK)
      checkAck(ack.answer, address)
      const before = addresses.get(client)
      const name = address.join('.')
      if (before !== undefined && before !== name)
        throw new Error(`a valid client had ${before} and was given ${name}`)
      if (before === undefined && [...addresses.values()].includes(name))
        throw new Error(`two valid clients were given ${name}`)
      addresses.set(client, name)
      return offer.repeats + ack.repeats
    },
    receive(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      if (bytes.length < AT.cookie || view.getUint32(AT.chaddr) !== VENDOR) return false
      const exchange = waiting.get(view.getUint16(AT.chaddr + 4))
      if (exchange?.xid !== view.getUint32(AT.xid)) return true
      // A second OFFER, to a DISCOVER that was repeated, is of no interest any more; a NAK always is.
      const type = optionsOf(bytes)?.get(53)?.[0]
      if (type === exchange.wanted || type === NAK) exchange.take(bytes)
      return true
    },
  }
}

function templateOf(bytes: Uint8Array): Template {
  const offsets = new Map<number, number>()
  for (const [code, value] of optionsOf(bytes) ?? []) offsets.set(code, value.byteOffset - bytes.byteOffset)
  return { bytes, offsets }
}

function fill(template: Template | undefined, client: number, xid: number, address?: Uint8Array): Uint8Array {
  if (template === undefined) throw new Error('there is no such recorded request')
  const bytes = template.bytes.slice()
  const view = new DataView(bytes.buffer)
  view.setUint32(AT.xid, xid)
  view.setUint32(AT.chaddr, VENDOR)
  view.setUint16(AT.chaddr + 4, client)
  bytes.set([10, 96, 0, 2], AT.giaddr)
  bytes[AT.hops] = 1
  // A UUID of its own (option 97), else all were the same machine with several NICs.
  view.setUint16((template.offsets.get(97) ?? 0) + 15, client)
  if (address !== undefined) {
    bytes.set(address, template.offsets.get(50))
    bytes.set([10, 96, 0, 1], template.offsets.get(54))
  }
  return bytes
}

function checkAck(bytes: Uint8Array, offered: Uint8Array): void {
  const options = optionsOf(bytes)
  const lease = options?.get(51)
  if (!offered.every((octet, at) => bytes[AT.yiaddr + at] === octet))
    throw new Error('the ACK gives another address than the OFFER')
  if (lease?.length !== 4 || lease.every(octet => octet === 0)) throw new Error('the ACK gives no lease time')
  const file = new TextDecoder().decode(bytes.subarray(108, 236)).replace(/\0.*$/s, '')
  const hasFile = file !== '' || (options?.get(67)?.length ?? 0) > 0
  // A client that never fetches is offered other styles in turn; two of them send it to port 4011 for the file.
  const isSentOn = new TextDecoder().decode(options?.get(60)) === 'PXEClient'
  if (!hasFile && !isSentOn) throw new Error('the ACK names no boot file')
}
