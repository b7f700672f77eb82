import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { GodwitError } from '../../../protocol/errors.ts'
import type { TransferPortOptions } from './transfer-port.ts'
import { TransferPort } from './transfer-port.ts'
import type { Peer } from './udp.ts'
import { openUdp } from './udp.ts'

/** Sockets for all transfers: a client that asks again and again from one port meets each of them in turn. */
const PORTS = 8

/** First and last port, both included. */
export type PortRange = { readonly first: number; readonly last: number }

/** The ports that transfers are spread over. */
export class TransferPorts {
  readonly #ports: readonly TransferPort[]
  #next = 0

  constructor(ports: readonly TransferPort[]) {
    this.#ports = ports
  }

  /** A port for a transfer with `peer`; one where nothing of an earlier transfer can still arrive, if there is one. */
  portFor(peer: Peer): TransferPort {
    const turn = this.#next
    this.#next = (turn + 1) % this.#ports.length
    const inTurn = [...this.#ports.slice(turn), ...this.#ports.slice(0, turn)]
    const port = inTurn.find(candidate => !candidate.isUsedBy(peer)) ?? inTurn[0]
    if (port === undefined) throw new RangeError('no transfer port')
    return port
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
): Promise<TransferPorts> {
  const opened: TransferPort[] = []
  const candidates = range === undefined ? Array<number>(PORTS).fill(0) : portsOf(range)
  let lastError: unknown
  for (const candidate of candidates) {
    if (opened.length === PORTS) break
    try {
      const port = new TransferPort(await openUdp(address, candidate), options)
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
