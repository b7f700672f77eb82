import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Finding } from '../../cli/doctor/finding.ts'
import { sha256 } from '../../images/io/hash.ts'
import { type Manifest, manifestText } from '../../protocol/manifest.ts'
import { whyNoNamespaces } from './dhcp-cable.ts'
import { createDhcpLab, type DhcpLab } from './dhcp-lab.ts'

const reason = whyNoNamespaces()
if (reason !== undefined) console.warn(`doctor interop tests are skipped: ${reason}`)

const GODWIT = fileURLToPath(new URL('../../cli/godwit.js', import.meta.url))
let lab: DhcpLab
let digest = ''

/** A small but valid image on channel `stable`, and the loaders in a folder of the test's own. */
function furnish(): void {
  const file = (name: string, sizeBytes: number) => {
    const bytes = randomBytes(sizeBytes)
    writeFileSync(join(lab.folder, name), bytes)
    return { name, sizeBytes, sha256: sha256(bytes) }
  }
  const manifest: Manifest = {
    format: 1,
    name: 'small',
    recipeDigest: sha256('recipe'),
    createdAt: '2026-01-01T00:00:00Z',
    files: { root: file('root', 300_000), kernel: file('vmlinuz', 1000), initrd: file('initrd', 1000) },
    kernelVersion: '6',
    kernelArgs: [],
    ramNeedBytes: 1,
    packages: {},
  }
  digest = sha256(manifestText(manifest))
  const images = join(lab.folder, 'images')
  mkdirSync(join(images, digest), { recursive: true })
  mkdirSync(join(images, 'channels'))
  for (const { name } of Object.values(manifest.files))
    cpSync(join(lab.folder, name), join(images, digest, name))
  writeFileSync(join(images, digest, 'manifest.json'), manifestText(manifest))
  writeFileSync(join(images, 'channels', 'stable'), JSON.stringify({ digest, setAt: '2026-01-01T00:00:00Z' }))
  cpSync('/usr/lib/ipxe', join(lab.folder, 'loaders'), { recursive: true, dereference: true })
  writeFileSync(
    join(lab.folder, 'godwit.yaml'),
    stringify({
      stateDir: join(lab.folder, 'state'),
      imageDir: images,
      adminSocket: join(lab.folder, 'admin.sock'),
      network: { interface: lab.cable.serverDevice, address: '10.91.0.1/24' },
      dhcp: { mode: 'authoritative' },
      boot: { loaderDir: join(lab.folder, 'loaders'), routerAdvertisements: false },
    }),
  )
}

const config = () => ['--config', join(lab.folder, 'godwit.yaml')]

async function serve() {
  const server = lab.beside(process.execPath, GODWIT, 'serve', ...config())
  await server.until(/godwit serves/)
  return server
}

/** `godwit doctor --json` on the server's end of the cable. */
async function examine(): Promise<{ ok: boolean; status: number | null; find(check: RegExp): Finding }> {
  const socket = ['--socket', join(lab.folder, 'admin.sock')]
  const run = lab.beside(process.execPath, GODWIT, ...socket, 'doctor', ...config(), '--json')
  await once(run.child, 'close')
  const report = JSON.parse(
    run
      .output()
      .slice(run.output().indexOf('{'))
      .replace(/}\n[^}]*$/, '}'),
  ) as {
    findings: readonly Finding[]
    ok: boolean
  }
  const find = (check: RegExp) => {
    const found = report.findings.find(each => check.test(each.check))
    if (found === undefined) throw new Error(`no finding ${check} in ${run.output()}`)
    return found
  }
  return { ok: report.ok, status: run.child.exitCode, find }
}

describe.skipIf(reason !== undefined)('godwit doctor', () => {
  beforeEach(() => {
    lab = createDhcpLab('gwdoc')
    furnish()
  })
  afterEach(() => lab.close())

  test('finds a healthy server healthy, asked by clients that somebody else wrote', async () => {
    await serve()
    const report = await examine()
    for (const check of [
      /^server/,
      /67\/udp/,
      /4011\/udp/,
      /69\/udp/,
      /7080\/tcp/,
      /7444\/tcp/,
      /^DHCP on/,
      /^PXE offer/,
      /^TFTP/,
      /^HTTP/,
    ])
      expect(report.find(check)).toMatchObject({ status: 'ok' })
    for (const check of [/^script/, /^image on/, /^image range/])
      expect(report.find(check)).toMatchObject({ status: 'ok' })
    expect(report.find(/^PXE offer.*UEFI/).detail).toMatch(
      /offers 10\.91\.0\.\d+, file snponly\.efi at 10\.91\.0\.1/,
    )
    expect(report.find(/^PXE offer.*BIOS/).detail).toMatch(/file undionly\.kpxe/)
    for (const check of [/^TFTP undionly/, /^TFTP snponly/, /^image vmlinuz/, /^image initrd/])
      expect(report.find(check)).toMatchObject({ status: 'ok' })
    expect(report).toMatchObject({ ok: true, status: 0 })
  })

  test('is no machine: the server keeps no node and no lease of it', async () => {
    const server = await serve()
    await examine()
    const nodes = lab.beside(
      process.execPath,
      GODWIT,
      '--socket',
      join(lab.folder, 'admin.sock'),
      'nodes',
      '--json',
    )
    await once(nodes.child, 'close')
    expect(JSON.parse(nodes.output())).toEqual([])
    await server.end()
    await (await serve()).until(/"leases":0,/)
  })

  test('names another DHCP server on the LAN', async () => {
    await serve()
    const { client, clientDevice } = lab.cable
    execFileSync('ip', ['-n', client, 'addr', 'add', '10.91.0.2/24', 'dev', clientDevice])
    const range = '--dhcp-range=10.91.0.20,10.91.0.30'
    const options = ['-k', '-C', '/dev/null', '-p0', '--log-facility=-', `--interface=${clientDevice}`, range]
    await lab.client('dnsmasq', ...options).until(/DHCP, IP range/)
    const report = await examine()
    expect(report.find(/^DHCP on/)).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('10.91.0.2'),
    })
    expect(report).toMatchObject({ ok: false, status: 1 })
  })

  test('says who has a port, while no server runs', async () => {
    const root = join(lab.folder, 'loaders')
    const options = [
      '-k',
      '-C',
      '/dev/null',
      '-p0',
      '--user=root',
      '--log-facility=-',
      '--enable-tftp',
      `--tftp-root=${root}`,
    ]
    await lab.beside('dnsmasq', ...options).until(/TFTP root/)
    const report = await examine()
    expect(report.find(/^server/)).toMatchObject({ status: 'skipped' })
    expect(report.find(/69\/udp/)).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('dnsmasq'),
    })
  })

  test('finds out a server that sends other bytes than lie on the disk', async () => {
    await serve()
    writeFileSync(join(lab.folder, 'loaders', 'undionly.kpxe'), 'not what the server read at its start')
    const report = await examine()
    expect(report.find(/^TFTP undionly/)).toMatchObject({ status: 'fail' })
    expect(report.find(/^HTTP undionly/)).toMatchObject({ status: 'fail' })
  })

  test('finds a changed image, and loaders that are not there', async () => {
    writeFileSync(join(lab.folder, 'images', digest, 'vmlinuz'), 'changed')
    execFileSync('rm', [join(lab.folder, 'loaders', 'snponly.efi')])
    await serve()
    const report = await examine()
    expect(report.find(/^image on/)).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('vmlinuz'),
    })
    expect(report.find(/^loaders/)).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('snponly'),
    })
  })
})
