import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { ServerConfig } from '../../../config/server.ts'
import { Ipv4 } from '../../../config/values/ipv4.ts'
import { collectAlone } from '../../../server/io/collector.ts'
import { createLog } from '../../../server/io/log.ts'
import { bytesFile } from '../../../server/tftp/file.ts'
import { startTftp } from '../../../server/tftp/service.ts'
import { testedLibc } from '../../fakes/native-calls.ts'

/**
 * Runs the real TFTP service in the network namespace it is started in: `runner.ts ADDRESS FILE CONFIG_JSON`. The file
 * is held in memory, as `godwit serve` holds its loaders. Prints `{"serving": true}` once the port is open; lives
 * until it is killed.
 */
const [address = '', path = '', tftp = '{}'] = process.argv.slice(2)
collectAlone()
const bytes = await readFile(path)
await startTftp({
  config: ServerConfig.parse({ tftp: JSON.parse(tftp) }).tftp,
  address: Ipv4.parse(address),
  open: async ({ path: asked }) => (asked.join('/') === basename(path) ? bytesFile(bytes) : undefined),
  onTransfer: () => undefined,
  libc: testedLibc(),
  log: createLog('warn'),
  count: () => undefined,
  now: Date.now,
})
process.stdout.write('{"serving": true}\n')
