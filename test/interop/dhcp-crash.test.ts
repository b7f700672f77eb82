import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { whyNoNamespaces } from './dhcp-cable.ts'
import { createDhcpLab, type DhcpLab, type Running } from './dhcp-lab.ts'

const reason = whyNoNamespaces()
if (reason !== undefined) console.warn(`dhcp crash test is skipped: ${reason}`)

const CROWD = new URL('./dhcp-crowd.ts', import.meta.url).pathname
const POOL = { pool: { start: '10.91.0.10', end: '10.91.0.249' } }

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

describe.skipIf(reason !== undefined)('a crowd behind a relay', () => {
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
})
