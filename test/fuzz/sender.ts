import { createInterface } from 'node:readline'
import { pace, type Traffic } from './pace.ts'
import type { Recent } from './recent.ts'

/** What a sender answers to one line: what it did, or why it stopped and what it had sent last. */
export type SenderAnswer =
  | { readonly kind: 'done'; readonly sent: number; readonly exchanges: number; readonly repeats: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly recentHex: readonly string[] }

/**
 * The main loop of a sender process: each line of standard input is a number of datagrams to send, and is answered with
 * one line of JSON, a {@link SenderAnswer}. Ends with its standard input.
 */
export async function answerLines(traffic: Traffic, recent: Recent, perExchange: number): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const answer = await pace(traffic, Number(line), perExchange).then(
      (tally): SenderAnswer => ({ kind: 'done', ...tally }),
      (error: unknown): SenderAnswer => ({
        ...{ kind: 'failed', reason: String(error), recentHex: recent.hex() },
      }),
    )
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
}
