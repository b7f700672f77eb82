import { randomInt } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { resolveChannel } from '../../../images/io/catalog.ts'
import { sha256 } from '../../../images/io/hash.ts'
import { readLoaders } from '../../../server/io/loader-files.ts'
import { judgeContent, judgeDigest, judgeRange } from '../contents.ts'
import { type Finding, fail, ok, skipped } from '../finding.ts'
import { invitedFiles, judgeOtherServers, judgeOwnOffer, MACHINES } from '../offers.ts'
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
  const dhcp = [
    judgeOtherServers(link.interface, answer, link),
    ...MACHINES.map(machine => judgeOwnOffer(link.interface, answer, link, machine)),
  ]
  if (world.status === undefined)
    return [...dhcp, skipped(`boot files on ${link.interface}`, 'no server runs', 'start one: godwit serve')]
  return [
    ...dhcp,
    ...(await examineLoaders(world, link, invitedFiles(answer, link))),
    ...(await examineHttp(world, link)),
  ]
}

/** Fetches what our server invites machines to fetch; a loader of the folder where it invites nobody. */
async function examineLoaders(
  { config }: World,
  { address }: DoctorLink,
  invited: readonly string[],
): Promise<readonly Finding[]> {
  const { loaders, missing } = await readLoaders(config.boot.loaderDir)
  const [first] = loaders.keys()
  if (first === undefined)
    return [fail('loaders', `none in ${config.boot.loaderDir}`, 'install the package ipxe')]
  const files =
    missing.length === 0
      ? ok('loaders', [...loaders.keys()].join(', '))
      : fail('loaders', `missing: ${missing.join(', ')}`, 'install the package ipxe')
  const findings = [files]
  for (const name of invited.length > 0 ? invited : [first]) {
    const expected = loaders.get(name)?.bytes
    const fetched = config.tftp.enabled
      ? judgeContent(
          `TFTP ${name} from ${address}`,
          await fetchByTftp(address, config.tftp.port, name),
          expected,
          SEE_LOG,
        )
      : skipped('TFTP', 'tftp.enabled is false')
    const url = `http://${address}:${config.http.port}/loaders/${name}`
    findings.push(
      fetched,
      judgeContent(`HTTP ${name} from ${address}`, await fetchByHttp(url), expected, SEE_LOG),
    )
  }
  return findings
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
  return [first, ...(await examineImageFiles(world, base))]
}

/** A range out of the root image, and the small files whole: by the digest that the manifest has for them. */
async function examineImageFiles({ config, imageDir }: World, base: string): Promise<readonly Finding[]> {
  const check = `image range from ${base}`
  const image = await resolveChannel(imageDir, config.boot.channel)
  if (image.kind === 'missing') return [skipped(check, 'no image to ask for')]
  const { root, kernel, initrd } = image.manifest.files
  const url = (name: string) => `${base}/images/${image.digest}/${name}`
  const start = Math.floor(root.sizeBytes / 2)
  const length = Math.min(RANGE_BYTES, root.sizeBytes - start)
  const expected = await readPart(join(image.dir, root.name), start, length).catch(() => undefined)
  const range =
    expected === undefined
      ? fail(check, `${root.name} cannot be read in ${image.dir}`, 'build the image again')
      : judgeRange(check, await fetchRange(url(root.name), start, length), start, expected, root.sizeBytes)
  const small: Finding[] = []
  for (const { name, sha256: digest } of [kernel, initrd]) {
    const fetched = await fetchByHttp(url(name))
    const found = fetched.kind === 'bytes' ? sha256(fetched.bytes) : ''
    small.push(judgeDigest(`image ${name} from ${base}`, fetched, found, digest))
  }
  return [range, ...small]
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
