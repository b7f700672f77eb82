import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { GodwitError } from '../../../protocol/errors.ts'
import type { Batching } from './batched-datagrams.ts'
import { openDatagrams } from './batched-datagrams.ts'
import type { TransferPortOptions } from './transfer-port.ts'
import { TransferPort } from './transfer-port.ts'
import type { Peer } from './udp.ts'
import { openUdp } from './udp.ts'

/** Sockets for all transfers: a client that asks again and again from one port meets each of them in turn. */
const PORTS = 8
/** Transfers on one of them before the next is used: their ACKs at once fit in the receive buffer Linux gives by default. */
const ROOMY = 64

/** First and last port, both included. */
export type PortRange = { readonly first: number; readonly last: number }

/** The ports that transfers are spread over. */
export class TransferPorts {
  readonly #ports: readonly TransferPort[]
  #next = 0

  constructor(ports: readonly TransferPort[]) {
    this.#ports = ports
  }

  /**
   * A port for a transfer with `peer`: the first with room where nothing of an earlier transfer can still arrive. Few
   * ports with many transfers each, because answers that come together on one port are read and followed by one call.
   */
  portFor(peer: Peer): TransferPort {
    const fresh = this.#ports.filter(candidate => !candidate.isUsedBy(peer))
    const emptiest = fresh.toSorted((one, other) => one.transfers - other.transfers)[0]
    const port = fresh.find(({ transfers }) => transfers < ROOMY) ?? emptiest ?? this.#inTurn()
    if (port === undefined) throw new RangeError('no transfer port')
    return port
  }

  #inTurn(): TransferPort | undefined {
    this.#next = (this.#next + 1) % this.#ports.length
    return this.#ports[this.#next]
  }

  async close(): Promise<void> {
    await Promise.all(this.#ports.map(port => port.close()))
  }
}

/**
 * Opens the transfer ports on `address`, in `range` or, without one, where the system likes. Ports of the range that
 * are taken are passed over. Rejects with GW_PORT_IN_USE when all are, GW_NOT_PERMITTED or GW_NO_INTERFACE.
 */
export async function openTransferPorts(
  address: Ipv4,
  range: PortRange | undefined,
  options: TransferPortOptions,
  batching: Batching | undefined,
): Promise<TransferPorts> {
  const opened: TransferPort[] = []
  const candidates = range === undefined ? Array<number>(PORTS).fill(0) : portsOf(range)
  let lastError: unknown
  for (const candidate of candidates) {
    if (opened.length === PORTS) break
    try {
      const socket = await openUdp(address, candidate)
      const port = new TransferPort(openDatagrams(socket, batching, options.onTrouble), options)
      port.listen()
      opened.push(port)
    } catch (error) {
      if (!(error instanceof GodwitError && error.code === 'GW_PORT_IN_USE')) {
        await new TransferPorts(opened).close()
        throw error
      }
      lastError = error
    }
  }
  if (opened.length === 0) throw lastError
  return new TransferPorts(opened)
}

function portsOf({ first, last }: PortRange): readonly number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
}
