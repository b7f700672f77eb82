import { stat } from 'node:fs/promises'
import { Ipv4 } from '../../../config/values/ipv4.ts'
import { startBootHttp } from '../../../server/http/boot-service.ts'
import { createLog } from '../../../server/io/log.ts'

/**
 * Runs the real boot HTTP service in the network namespace it is started in: `runner.ts ADDRESS PORT FILE`. FILE is
 * every file of every image. Prints `{"serving": true}` once the port is open; lives until it is killed.
 */
const [address = '', port = '', path = ''] = process.argv.slice(2)
const sizeBytes = (await stat(path)).size
await startBootHttp({
  address: Ipv4.parse(address),
  port: Number(port),
  caPem: '',
  firstScripts: { ipxe: '#!ipxe\n', grub: '' },
  machineScript: async () => '#!ipxe\n',
  grubMachineScript: async () => '',
  onLoaderSent: () => undefined,
  imageFile: async () => ({ path, sizeBytes, etag: '"bench"', contentType: 'application/octet-stream' }),
  loaderFile: async () => undefined,
  onBootEvent: () => undefined,
  log: createLog('warn'),
  count: () => undefined,
  now: Date.now,
})
process.stdout.write('{"serving": true}\n')
