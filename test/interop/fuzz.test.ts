import { describe, expect, test } from 'vitest'
import { type Protocol, runCampaign } from '../fuzz/campaign.ts'
import type { CampaignReport } from '../fuzz/campaign-report.ts'
import { PROTOCOLS } from '../fuzz/protocols.ts'
import { whyNoNamespaces } from './dhcp-cable.ts'

const reason = whyNoNamespaces()
if (reason !== undefined) console.warn(`the fuzz tests are skipped: ${reason}`)

/** A short campaign; `npm run fuzz -- NAME --count 10000000` is the long one. */
async function fuzz(name: string, count: number): Promise<CampaignReport> {
  const protocol = PROTOCOLS.find(each => each.name === name)
  if (protocol === undefined) throw new Error(`no protocol ${name}`)
  return runCampaign(protocol, { count, seed: 1 }, new AbortController().signal, () => {})
}

describe.skipIf(reason !== undefined)('hostile packets at the real services', () => {
  test('F37 200,000 mixed packets, relayed ones too: heap flat, every valid client served', async () => {
    const report = await fuzz('dhcp', 200_000)
    expect(report.failures, report.recentHex.join('\n')).toEqual([])
    expect(report.sent).toBe(200_000)
    expect(report.validExchanges).toBeGreaterThan(3000)
  }, 120_000)

  test('TFTP: no datagram keeps a valid client from its file', async () => {
    const report = await fuzz('tftp', 50_000)
    expect(report.failures, report.recentHex.join('\n')).toEqual([])
    expect(report.sent).toBe(50_000)
    expect(report.validExchanges).toBeGreaterThan(700)
  }, 120_000)

  test('HTTP: every request that the grammar allows is answered, every valid client served', async () => {
    const report = await fuzz('http', 50_000)
    expect(report.failures, report.recentHex.join('\n')).toEqual([])
    expect(report.sent).toBe(50_000)
    expect(report.validExchanges).toBeGreaterThan(700)
  }, 120_000)

  test('a server that ends is a failure, told with what it was sent', async () => {
    const [dhcp] = PROTOCOLS
    if (dhcp === undefined) throw new Error('no protocol')
    const mortal: Protocol = {
      ...dhcp,
      server: rig => ({ ...dhcp.server(rig), argv: ['timeout', '15', ...dhcp.server(rig).argv] }),
    }
    const report = await runCampaign(mortal, { count: 1e9, seed: 1 }, new AbortController().signal, () => {})
    expect(report.failures.join()).toMatch(/not answered 4 times.*it ended/s)
    expect(report.recentHex.length).toBeGreaterThan(100)
  }, 60_000)
})
