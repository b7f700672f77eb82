import type { Campaign } from '../campaign.ts'
import type { CampaignReport } from '../campaign-report.ts'
import { createDhcpSource } from '../dhcp/source.ts'
import { createRandom } from '../random.ts'
import { readFixtures } from '../recorded.ts'
import { createTftpSource } from '../tftp/source.ts'
import { PROPERTIES } from './properties.ts'

const PER_SLICE = 100_000

/**
 * Holds every decoder against its property, in this process: no socket, so that a hundred times more inputs take the
 * same time. Ends at the first that does not hold.
 */
export async function fuzzDecoders(
  { count, seed }: Campaign,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<CampaignReport> {
  const random = createRandom(seed)
  const { dhcp, tftp } = readFixtures()
  const sources = [createDhcpSource([...dhcp.values()], random), createTftpSource(tftp, random)] as const
  const next = () => (random.chance(60) ? sources[0]() : sources[1]().bytes)
  const begunMs = performance.now()
  const failures: string[] = []
  const recentHex: string[] = []
  let sent = 0
  while (sent < count && failures.length === 0) {
    signal.throwIfAborted()
    for (const end = Math.min(count, sent + PER_SLICE); sent < end && failures.length === 0; sent += 1) {
      const bytes = next()
      const broken = brokenProperty(bytes)
      if (broken === undefined) continue
      failures.push(broken)
      recentHex.push(Buffer.from(bytes).toString('hex'))
    }
    say(`${sent} of ${count}`)
    await new Promise(resolve => setImmediate(resolve))
  }
  const seconds = (performance.now() - begunMs) / 1000
  return {
    ...{ protocol: 'options', seed, sent, seconds, perSecond: sent / seconds, failures, recentHex },
    ...{
      validExchanges: 0,
      repeatedRequests: 0,
      droppedByKernel: 0,
      footprints: [],
      growth: [],
      repliesSeen: 0,
    },
  }
}

function brokenProperty(bytes: Uint8Array): string | undefined {
  for (const { name, check } of PROPERTIES) {
    try {
      const broken = check(bytes)
      if (broken !== undefined) return `${name}: ${broken}`
    } catch (error) {
      return `${name}: it threw ${error}`
    }
  }
  return undefined
}
