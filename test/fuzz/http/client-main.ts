import { Agent, get } from 'node:http'
import { createRandom } from '../random.ts'
import { createRecent } from '../recent.ts'
import { answerLines } from '../sender.ts'
import { FILE_NAMES, fileBytes } from '../tftp/files.ts'
import { createLane } from './lane.ts'

/**
 * The HTTP sender, started in the clients' namespace: `client-main.ts PORT SEED`. Counts requests. Those that HTTP's
 * grammar allows are pipelined and must all be answered; the others get a connection each.
 */
const SERVER = { host: '10.96.0.1', port: Number(process.argv[2]) }
const PER_EXCHANGE = 64
const PERCENT_MALFORMED = 3
const DIGEST = 'b'.repeat(64)

const random = createRandom(Number(process.argv[3] ?? 1))
const recent = createRecent(4 * PER_EXCHANGE)
const lanes = [0, 1].map(() => createLane(SERVER, random, recent, PERCENT_MALFORMED))
const agent = new Agent({ keepAlive: true, maxSockets: lanes.length })

/** A valid client reads a file, whole or from the middle on. */
function readFile(): Promise<void> {
  const name = random.pick(FILE_NAMES)
  const content = fileBytes(name) ?? new Uint8Array(0)
  const start = random.chance(50) ? random.below(content.length) : 0
  const headers = start > 0 ? { range: `bytes=${start}-` } : {}
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`a valid client, reading ${name} from ${start}: ${why}`))
    const request = get(
      { ...SERVER, path: `/images/${DIGEST}/${name}`, headers, agent, timeout: 10_000 },
      response => {
        const pieces: Buffer[] = []
        response.on('data', piece => pieces.push(piece))
        response.on('end', () => {
          const body = Buffer.concat(pieces)
          if (response.statusCode !== (start > 0 ? 206 : 200)) return fail(`status ${response.statusCode}`)
          if (!body.equals(content.subarray(start))) return fail('wrong bytes')
          resolve()
        })
      },
    )
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', error => fail(error.message))
  })
}

async function exchange(lane: number): Promise<number> {
  await lanes[lane]?.settle()
  await readFile()
  return 0
}

const traffic = {
  fire: (lane: number) => lanes[lane]?.fire(),
  exchange,
  flaw: () => lanes.map(lane => lane.flaw()).find(flaw => flaw !== undefined),
}
await answerLines(traffic, recent, PER_EXCHANGE)
agent.destroy()
for (const lane of lanes) lane.close()
