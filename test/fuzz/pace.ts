/** One protocol's fuzzed traffic and its valid clients. */
export type Traffic = {
  /** Sends one fuzzed datagram (or request) of this lane. */
  fire(lane: number): void
  /**
   * One valid client's whole exchange; resolves with how often it had to ask again. Rejects when it was not served
   * correctly. `lane` tells exchanges apart that run at the same time.
   */
  exchange(lane: number): Promise<number>
  /** What was wrong with a reply seen since the beginning; `undefined` while all were right. */
  flaw(): string | undefined
}

/** What was done. */
export type Tally = { readonly sent: number; readonly exchanges: number; readonly repeats: number }

/** Lanes at once: while the server works on one lane's datagrams, the other makes the next ones. */
const LANES = 2

/**
 * Sends `count` fuzzed datagrams; after every `perExchange` of each lane a valid exchange must succeed before it goes
 * on. That paces the sender too: the server's socket never holds more than it has room for. Rejects at the first
 * failure.
 */
export async function pace(traffic: Traffic, count: number, perExchange: number): Promise<Tally> {
  const tally = { sent: 0, exchanges: 0, repeats: 0 }
  const run = async (lane: number) => {
    while (tally.sent < count) {
      for (let burst = Math.min(perExchange, count - tally.sent); burst > 0; burst -= 1) {
        traffic.fire(lane)
        tally.sent += 1
      }
      tally.repeats += await traffic.exchange(lane)
      tally.exchanges += 1
      const flaw = traffic.flaw()
      if (flaw !== undefined) throw new Error(flaw)
    }
  }
  await Promise.all(Array.from({ length: LANES }, (_, lane) => run(lane)))
  return tally
}
