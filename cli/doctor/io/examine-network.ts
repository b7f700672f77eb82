import { randomInt } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { resolveChannel } from '../../../images/io/catalog.ts'
import { readLoaders } from '../../../server/io/loader-files.ts'
import { judgeContent, judgeRange } from '../contents.ts'
import { type Finding, fail, ok, skipped } from '../finding.ts'
import { judgeOtherServers, judgeOwnOffer } from '../offers.ts'
import type { DoctorLink, World } from '../world.ts'
import { askLan } from './dhcp-witness.ts'
import { hasAddress } from './host.ts'
import { fetchByHttp, fetchRange } from './http-witness.ts'
import { fetchByTftp } from './tftp-witness.ts'

const RANGE_BYTES = 65_536
const LAB_REMEDY = 'from inside a lab: npx godwit lab exec -- npx godwit doctor'

/** Asks the LAN and the running server as machines do, with other people's DHCP and TFTP clients. */
export async function examineLink(world: World, link: DoctorLink): Promise<readonly Finding[]> {
  if (!hasAddress(link.address))
    return [
      skipped(`network ${link.interface}`, `${link.address} is not an address of this host`, LAB_REMEDY),
    ]
  const answer = await askLan(link.address, randomInt(1, 2 ** 31))
  const dhcp = [judgeOtherServers(link.interface, answer, link), judgeOwnOffer(link.interface, answer, link)]
  if (world.status === undefined)
    return [...dhcp, skipped(`boot files on ${link.interface}`, 'no server runs', 'start one: godwit serve')]
  return [...dhcp, ...(await examineLoaders(world, link)), ...(await examineHttp(world, link))]
}

async function examineLoaders({ config }: World, { address }: DoctorLink): Promise<readonly Finding[]> {
  const { loaders, missing } = await readLoaders(config.boot.loaderDir)
  const [name, loader] = [...loaders][0] ?? []
  if (name === undefined || loader === undefined)
    return [fail('loaders', `none in ${config.boot.loaderDir}`, 'install the package ipxe')]
  const files = missing.length === 0 ? ok('loaders', [...loaders.keys()].join(', ')) : undefined
  const lacking = fail('loaders', `missing: ${missing.join(', ')}`, 'install the package ipxe')
  const url = `http://${address}:${config.http.port}/loaders/${name}`
  const byHttp = judgeContent(`HTTP ${name} from ${address}`, await fetchByHttp(url), loader.bytes, SEE_LOG)
  if (!config.tftp.enabled) return [files ?? lacking, skipped('TFTP', 'tftp.enabled is false'), byHttp]
  const fetched = await fetchByTftp(address, config.tftp.port, name)
  return [
    files ?? lacking,
    judgeContent(`TFTP ${name} from ${address}`, fetched, loader.bytes, SEE_LOG),
    byHttp,
  ]
}

const SEE_LOG = 'see the log of godwit serve; godwit capture shows the packets'

async function examineHttp(world: World, { address }: DoctorLink): Promise<readonly Finding[]> {
  const base = `http://${address}:${world.config.http.port}`
  const script = await fetchByHttp(`${base}/boot.ipxe`)
  const isScript =
    script.kind === 'bytes' && Buffer.from(script.bytes).toString('latin1').startsWith('#!ipxe')
  const check = `script from ${address}`
  const first = isScript
    ? ok(check, `${script.bytes.length} bytes in ${Math.round(script.ms)} ms`)
    : fail(check, script.kind === 'failed' ? script.reason : 'what came is no iPXE script', SEE_LOG)
  return [first, await examineRange(world, base)]
}

async function examineRange({ config, imageDir }: World, base: string): Promise<Finding> {
  const check = `image range from ${base}`
  const image = await resolveChannel(imageDir, config.boot.channel)
  if (image.kind === 'missing') return skipped(check, 'no image to ask for')
  const { name, sizeBytes } = image.manifest.files.root
  const start = Math.floor(sizeBytes / 2)
  const length = Math.min(RANGE_BYTES, sizeBytes - start)
  const expected = await readPart(join(image.dir, name), start, length)
  const answer = await fetchRange(`${base}/images/${image.digest}/${name}`, start, length)
  return judgeRange(check, answer, start, expected, sizeBytes)
}

async function readPart(path: string, start: number, length: number): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
