import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Explanation } from '../../cli/capture/explain.ts'
import { whyNoNamespaces } from './dhcp-cable.ts'
import { createDhcpLab, type DhcpLab } from './dhcp-lab.ts'

const reason = whyNoNamespaces()
if (reason !== undefined) console.warn(`capture interop tests are skipped: ${reason}`)

const GODWIT = fileURLToPath(new URL('../../cli/godwit.js', import.meta.url))
const MAC = '52:54:00:91:00:01'
const OTHER = '52:54:00:91:00:02'
let lab: DhcpLab

/** The whole server, as `godwit serve` starts it, on the server's end of the cable. */
async function serve() {
  const config = join(lab.folder, 'godwit.yaml')
  writeFileSync(
    config,
    stringify({
      stateDir: join(lab.folder, 'state'),
      network: { interface: lab.cable.serverDevice, address: '10.91.0.1/24' },
      dhcp: { mode: 'authoritative' },
      boot: { routerAdvertisements: false },
    }),
  )
  await lab.beside(process.execPath, GODWIT, 'serve', '--config', config).until(/godwit serves/)
}

/** What real clients do in the place of a machine: an address by udhcpc as firmware, then files by curl. */
async function bootLike(options: readonly string[], ...urls: readonly string[]) {
  const client = lab.udhcpc('-q', ...options)
  await client.until(/event=bound ip=(\S+)/)
  await client.end()
  for (const url of urls)
    await once(lab.client('curl', '-sS', '--max-time', '20', '-o', '/dev/null', url).child, 'close')
}

const ROM = ['-V', 'PXEClient:Arch:00007:UNDI:003000', '-x', '0x5d:0007']

describe.skipIf(reason !== undefined)('godwit capture', () => {
  beforeEach(() => {
    lab = createDhcpLab('gwcap')
    lab.become(MAC)
  })
  afterEach(() => lab.close())

  test('records one machine and nothing else, and tells its boot', async () => {
    await serve()
    const file = join(lab.folder, 'boot.pcap')
    const args = ['capture', MAC, '--interface', lab.cable.serverDevice, '--output', file, '--json']
    const capture = lab.beside(process.execPath, GODWIT, ...args)
    await capture.until(/switch the machine on now/)
    await bootLike(
      ROM,
      'tftp://10.91.0.1/snponly.efi',
      'http://10.91.0.1:7080/boot.ipxe',
      'http://10.91.0.1:7080/loaders/undionly.kpxe',
    )
    lab.become(OTHER)
    await bootLike(ROM)
    capture.child.kill('SIGINT')
    await once(capture.child, 'close')
    expect(capture.child.exitCode).toBe(0)

    const json = capture.output().slice(capture.output().indexOf('[\n'))
    const [boot, ...others] = JSON.parse(json.slice(0, json.lastIndexOf(']') + 1)) as readonly Explanation[]
    expect(others).toEqual([])
    expect(boot?.mac).toBe(MAC)
    const told = boot?.events.map(event => (event.kind === 'dhcp' ? event.message : event.kind))
    expect(told).toEqual(['DISCOVER', 'OFFER', 'REQUEST', 'ACK', 'tftp', 'http', 'http'])
    expect(boot?.events[0]).toMatchObject({ stage: 'rom', arch: 'x64' })
    expect(boot?.events[3]).toMatchObject({ file: 'snponly.efi', server: '10.91.0.1' })
    expect(boot?.events[4]).toMatchObject({ file: 'snponly.efi', outcome: 'complete', bytes: 173_792 })
    expect(boot?.events[5]).toMatchObject({ request: 'GET /boot.ipxe', status: 200 })
    // The bulk of the download is not in the file; its size is read from what the client acknowledged.
    const [, , , , , , download] = boot?.events ?? []
    expect(download?.kind === 'http' && download.bytes).toBeGreaterThan(74_000)

    const again = lab.beside(process.execPath, GODWIT, 'capture', '--explain', file)
    await again.until(/TFTP +snponly\.efi, 170 KiB/)
    await again.end()
  })

  test('says what is wrong with a missing interface, a missing file and a file that is no capture', async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[MAC, '--interface', 'nix0'], /GW_NO_INTERFACE|there is no interface nix0/],
      [['--explain', join(lab.folder, 'nix.pcap')], /cannot be read/],
      [['--explain', '/etc/passwd'], /not a pcap file/],
    ]
    for (const [args, sentence] of cases) {
      const run = lab.beside(process.execPath, GODWIT, 'capture', ...args)
      await run.until(sentence)
      await once(run.child, 'close').catch(() => undefined)
      expect(run.child.exitCode).toBe(1)
    }
  })
})
