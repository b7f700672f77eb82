import { stat } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { Ipv4 } from '../../../config/values/ipv4.ts'
import { startBootHttp } from '../../../server/http/boot-service.ts'
import { defaultCacheBytes } from '../../../server/http/chunk-cache.ts'
import { shareFiles } from '../../../server/http/io/shared-files.ts'
import { collectAlone } from '../../../server/io/collector.ts'
import { createLog } from '../../../server/io/log.ts'
import { testedLibc } from '../../fakes/native-calls.ts'

/**
 * Runs the real boot HTTP service in the network namespace it is started in: `runner.ts ADDRESS PORT FILE`. FILE is
 * every file of every image. Prints `{"serving": true}` once the port is open; lives until it is killed.
 */
const [address = '', port = '', path = ''] = process.argv.slice(2)
collectAlone()
const sizeBytes = (await stat(path)).size
await startBootHttp({
  address: Ipv4.parse(address),
  port: Number(port),
  caPem: '',
  firstScripts: { ipxe: '#!ipxe\n', grub: '' },
  machineScript: async () => '#!ipxe\n',
  grubMachineScript: async () => '',
  onLoaderSent: () => undefined,
  onSent: () => undefined,
  metrics: async () => '',
  imageFile: async () => ({ path, sizeBytes, etag: '"bench"', contentType: 'application/octet-stream' }),
  loaderFile: async () => undefined,
  libc: testedLibc(),
  files: shareFiles(defaultCacheBytes(totalmem())),
  stallMs: 120_000,
  limits: { maxConnections: 4096, maxConnectionsPerClient: 128, headMs: 10_000 },
  onBootEvent: () => undefined,
  log: createLog('warn'),
  count: () => undefined,
  now: Date.now,
})
process.stdout.write('{"serving": true}\n')
