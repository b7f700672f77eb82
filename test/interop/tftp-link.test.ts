import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Cable } from './dhcp-cable.ts'
import { layCable, whyNoNamespaces } from './dhcp-cable.ts'

const MTU_BYTES = 1400
/** tcpdump counts the Ethernet header. */
const FRAME_BYTES = MTU_BYTES + 14
const SERVER = '10.91.4.1'
const FILE = randomBytes(300_000)
const RUNNER = new URL('./tftp-runner.ts', import.meta.url).pathname

const missing = ['curl', 'tcpdump'].filter(program => execaFails('which', program))
const reason =
  whyNoNamespaces() ?? (missing.length > 0 ? `no ${missing.join(', ')} (see scripts/setup)` : undefined)
if (reason) console.warn(`skipped: ${reason}`)

function execaFails(program: string, argument: string): boolean {
  try {
    execFileSync(program, [argument], { stdio: 'ignore' })
    return false
  } catch {
    return true
  }
}

describe('a link with a small MTU', { skip: reason !== undefined }, () => {
  let cable: Cable
  let folder = ''
  const inside = (namespace: string, ...command: readonly string[]) =>
    execa('ip', ['netns', 'exec', namespace, ...command], { reject: false })
  let server: ReturnType<typeof inside>

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'godwit-tftp-link-'))
    writeFileSync(join(folder, 'loader'), FILE)
    cable = layCable('tl', `${SERVER}/24`)
    const ip = (...args: readonly string[]) => execFileSync('ip', args)
    ip('-n', cable.server, 'link', 'set', cable.serverDevice, 'mtu', String(MTU_BYTES))
    ip('-n', cable.client, 'addr', 'add', '10.91.4.2/24', 'dev', cable.clientDevice)
    const node = [process.execPath, '--import', 'tsx', RUNNER]
    server = inside(cable.server, ...node, cable.serverDevice, SERVER, join(folder, 'loader'))
    await new Promise(resolve => server.stdout?.once('data', resolve))
  }, 60_000)

  afterAll(async () => {
    server?.kill()
    await server
    cable?.remove()
    rmSync(folder, { recursive: true })
  })

  /** Frames of the capture that pass the filter. */
  async function frames(filter: string): Promise<number> {
    const { stdout } = await execa('tcpdump', ['-nn', '-r', join(folder, 'seen.pcap'), filter])
    return stdout.split('\n').filter(line => line !== '').length
  }

  it.each(['1468', '65464'])(
    'C123 blksize %s asked: no frame is larger, none is a fragment',
    async blockSize => {
      const capture = join(folder, 'seen.pcap')
      const tcpdump = inside(
        cable.client,
        ...['tcpdump', '-U', '-Z', 'root', '-i', cable.clientDevice, '-w', capture, 'ip'],
      )
      await new Promise(resolve => tcpdump.stderr?.once('data', resolve))
      const got = join(folder, `got-${blockSize}`)
      const url = `tftp://${SERVER}/loader`
      const curl = await inside(cable.client, ...['curl', '-sS', '--tftp-blksize', blockSize, '-o', got, url])
      expect(curl.stderr).toBe('')
      expect(readFileSync(got).equals(FILE)).toBe(true)
      await expect
        .poll(() => frames(`greater ${FRAME_BYTES}`))
        .toBe(Math.floor(FILE.length / (MTU_BYTES - 32)))
      tcpdump.kill()
      await tcpdump
      expect(await frames(`greater ${FRAME_BYTES + 1}`)).toBe(0)
      expect(await frames('(ip[6:2] & 0x3fff) != 0')).toBe(0)
    },
    30_000,
  )
})
