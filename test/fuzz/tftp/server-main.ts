import { ServerConfig } from '../../../config/server.ts'
import { Ipv4 } from '../../../config/values/ipv4.ts'
import { startTftp } from '../../../server/tftp/service.ts'
import { testedLibc } from '../../fakes/native-calls.ts'
import { answerFootprints, faultLog } from '../memory.ts'
import { fileBytes } from './files.ts'

/**
 * The real TFTP service under fuzz: `server-main.ts ADDRESS`, in the servers' namespace. Prints `{"serving": true}`,
 * then answers footprints.
 */

/** Without the limits of requests a second, that nearly all would end at. */
const LIMITS = { maxRequestsPerSecond: 1_000_000, maxRequestsPerSecondPerClient: 1_000_000 }

await startTftp({
  config: ServerConfig.parse({ tftp: LIMITS }).tftp,
  address: Ipv4.parse(process.argv[2]),
  open: async ({ path }) => {
    const bytes = fileBytes(path.join('/'))
    if (bytes === undefined) return undefined
    return {
      sizeBytes: bytes.length,
      read: async (offset, length) => bytes.subarray(offset, offset + length),
      close: async () => undefined,
    }
  },
  onTransfer: () => undefined,
  libc: testedLibc(),
  log: faultLog,
  count: () => undefined,
  now: Date.now,
})
answerFootprints()
process.stdout.write('{"serving": true}\n')
