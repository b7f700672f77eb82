import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ipv4 } from '../../../config/values/ipv4.ts'
import { startBootHttp } from '../../../server/http/boot-service.ts'
import { shareFiles } from '../../../server/http/io/shared-files.ts'
import { testedLibc } from '../../fakes/native-calls.ts'
import { answerFootprints, faultLog } from '../memory.ts'
import { FILE_NAMES, fileBytes } from '../tftp/files.ts'

/**
 * The real boot HTTP service under fuzz: `server-main.ts ADDRESS PORT FOLDER`, in the servers' namespace. Prints
 * `{"serving": true}`, then answers footprints.
 */
const [address, port, folder = ''] = process.argv.slice(2)
for (const name of FILE_NAMES) await writeFile(join(folder, name), fileBytes(name) ?? new Uint8Array(0))

const file = async (name: string) => {
  const bytes = fileBytes(name)
  if (bytes === undefined) return undefined
  const path = join(folder, name)
  return { path, sizeBytes: bytes.length, etag: `"${name}"`, contentType: 'application/octet-stream' }
}

await startBootHttp({
  address: Ipv4.parse(address),
  port: Number(port),
  caPem: '',
  firstScripts: { ipxe: '#!ipxe\n', grub: 'echo\n' },
  machineScript: async () => '#!ipxe\n',
  grubMachineScript: async () => 'echo\n',
  onLoaderSent: () => undefined,
  onSent: () => undefined,
  metrics: async () => '',
  imageFile: (_digest, name) => file(name),
  loaderFile: file,
  files: shareFiles(16 << 20),
  libc: testedLibc(),
  stallMs: 120_000,
  limits: { maxConnections: 4096, maxConnectionsPerClient: 128, headMs: 10_000 },
  onBootEvent: () => undefined,
  log: faultLog,
  count: () => undefined,
  now: Date.now,
})
answerFootprints()
process.stdout.write('{"serving": true}\n')
