import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { whyNoNamespaces } from './dhcp-cable.ts'
import { createDhcpLab, type DhcpLab, type Running } from './dhcp-lab.ts'

const reason = whyNoNamespaces()
if (reason !== undefined) console.warn(`dhcp crash tests are skipped: ${reason}`)

const CROWD = new URL('./dhcp-crowd.ts', import.meta.url).pathname
const STORM = new URL('./dhcp-storm.ts', import.meta.url).pathname
const POOL = { pool: { start: '10.91.0.10', end: '10.91.0.249' } }
/** Fewer addresses than there are machines in the storm: every address changes hands all the time. */
const SCARCE = { pool: { start: '10.91.0.10', end: '10.91.0.89' } }
const MACHINES = 120
const ROUNDS = 200

let lab: DhcpLab

/** `count` machines behind a relay, all asking at once. */
function crowd(first: number, count: number): Running {
  const args = ['10.91.0.2', '10.91.0.1', String(first), String(count)]
  return lab.client(process.execPath, '--import', 'tsx', CROWD, ...args)
}

/** Address to machines of all ACKs the crowd printed. */
function acknowledged(program: Running): ReadonlyMap<string, ReadonlySet<string>> {
  const byIp = new Map<string, Set<string>>()
  for (const [, mac = '', ip = ''] of program.output().matchAll(/"mac":"([^"]+)","ip":"([^"]+)"/g))
    byIp.set(ip, (byIp.get(ip) ?? new Set()).add(mac))
  return byIp
}

const Snapshot = z.object({
  held: z.record(z.string(), z.string()),
  acknowledged: z.number(),
  doubles: z.array(z.string()),
})
const Leases = z.object({ leases: z.array(z.object({ ip: z.string(), mac: z.string(), state: z.string() })) })

/** Who has what, as the machines of the storm see it. */
async function account(storm: Running, number: number) {
  storm.child.kill('SIGUSR1')
  const [line] = await storm.until(new RegExp(`\\{"snapshot":${number},.*\\}\\n`))
  return Snapshot.parse(JSON.parse(line))
}

/** Waits for some new leases, for some seconds: on a busy machine the storm is slow to rise. */
async function untilBusy(look: () => ReturnType<typeof account>, since: number): Promise<void> {
  for (let tries = 0; tries < 200 && (await look()).acknowledged < since + 20; tries += 1)
    await new Promise(resolve => setTimeout(resolve, 20))
}

/** Who has what, as the server read it from the disk when it started. */
function boundAtStart(server: Running): ReadonlyMap<string, string> {
  const line = /\{"serving":true.*\}/.exec(server.output())?.[0] ?? '{}'
  const { leases } = Leases.parse(JSON.parse(line))
  return new Map(leases.filter(({ state }) => state === 'bound').map(({ ip, mac }) => [ip, mac]))
}

describe.skipIf(reason !== undefined)('machines behind a relay, the server killed', () => {
  beforeEach(() => {
    lab = createDhcpLab('gwdc')
    execFileSync('ip', ['-n', lab.cable.client, 'addr', 'add', '10.91.0.2/24', 'dev', lab.cable.clientDevice])
  })
  afterEach(() => lab.close())

  test('kill -9 in the middle of it: no address is acknowledged twice, none is forgotten', async () => {
    const server = await lab.serve(POOL)
    const machines = crowd(0, 100)
    await machines.until(/(.*"ip".*\n){20}/)
    await server.end('SIGKILL')
    const again = await lab.serve(POOL)
    await machines.until(/"done":true/, 30_000)
    const first = acknowledged(machines)
    expect(first.size).toBe(100)
    expect([...first.values()].every(owners => owners.size === 1)).toBe(true)

    await again.end('SIGKILL')
    const third = await lab.serve(POOL)
    for (const [ip, owners] of first)
      expect(third.output()).toContain(`"ip":"${ip}","mac":"${[...owners][0]}"`)
    const others = crowd(1000, 100)
    await others.until(/"done":true/, 30_000)
    expect([...acknowledged(others).keys()].filter(ip => first.has(ip))).toEqual([])
  })

  test(`${ROUNDS} times kill -9 in a storm of leases and releases: no address has two holders, none is lost`, async () => {
    const storm = lab.client(
      process.execPath,
      '--import',
      'tsx',
      STORM,
      '10.91.0.2',
      '10.91.0.1',
      String(MACHINES),
    )
    await storm.until(/"storm":true/)
    const startedMs = Date.now()
    let server = await lab.serve(SCARCE)
    const sum = { audited: 0, lost: [] as string[], acknowledged: 0, quietRounds: 0 }
    let looks = 0
    const look = () => {
      looks += 1
      return account(storm, looks)
    }
    for (let round = 1; round <= ROUNDS; round += 1) {
      // Some die while they are busy with the first requests, most in the middle of it.
      await new Promise(resolve => setTimeout(resolve, 30 + ((round * 37) % 120)))
      if (round % 4 !== 0) await untilBusy(look, sum.acknowledged)
      await server.end('SIGKILL')
      const before = await look()
      server = await lab.serve(SCARCE)
      const bound = boundAtStart(server)
      for (const [ip, mac] of Object.entries(before.held)) {
        sum.audited += 1
        if (bound.get(ip) !== mac) sum.lost.push(`round ${round}: ${ip} of ${mac}, on disk ${bound.get(ip)}`)
      }
      if (before.acknowledged === sum.acknowledged) sum.quietRounds += 1
      sum.acknowledged = before.acknowledged
      expect(before.doubles).toEqual([])
      expect(sum.lost).toEqual([])
    }
    const seconds = (Date.now() - startedMs) / 1000
    console.info(
      `${ROUNDS} rounds in ${seconds.toFixed(0)} s: ${sum.acknowledged} leases acknowledged, ` +
        `${sum.audited} holders found on disk after a kill, 0 lost, 0 addresses with two holders; ` +
        `${sum.quietRounds} rounds without a new lease`,
    )
    expect(sum.acknowledged).toBeGreaterThan(10 * ROUNDS)
    expect(sum.audited).toBeGreaterThan(10 * ROUNDS)
    expect(sum.quietRounds).toBeLessThan(ROUNDS / 3)
  }, 1_800_000)
})
