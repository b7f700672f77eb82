import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { BootEvent } from '../../protocol/boot.ts'
import { type BootHttpOptions, startBootHttp } from '../../server/http/boot-service.ts'
import { shareFiles } from '../../server/http/io/shared-files.ts'
import type { SendableFile } from '../../server/http/send-file.ts'
import { freePort } from './free-port.ts'
import { testedLibc } from './native-calls.ts'
import { silentLog } from './silent-log.ts'

/** A boot HTTP server on loopback, and what it told of itself. */
export type BootHttpFake = {
  readonly port: number
  readonly events: readonly BootEvent[]
  readonly counted: readonly string[]
  close(): Promise<void>
}

/** Serves `files` (by name, in every image, and as loaders) on a port of its own; `changes` replace the defaults. */
export async function startBootHttpFake(
  files: ReadonlyMap<string, SendableFile>,
  changes: Partial<BootHttpOptions> = {},
): Promise<BootHttpFake> {
  const events: BootEvent[] = []
  const counted: string[] = []
  const port = await freePort()
  const server = await startBootHttp({
    address: '127.0.0.1' as Ipv4,
    port,
    caPem: 'PEM',
    firstScripts: { ipxe: '#!ipxe\nfirst\n', grub: '' },
    machineScript: async query => `#!ipxe\n# ${query.mac}\n`,
    grubMachineScript: async () => '',
    imageFile: async (_digest, name) => files.get(name),
    loaderFile: async name => files.get(name),
    onLoaderSent: () => undefined,
    onSent: () => undefined,
    metrics: async () => '',
    files: shareFiles(8 << 20),
    libc: testedLibc(),
    stallMs: 10_000,
    limits: { maxConnections: 1000, maxConnectionsPerClient: 500, headMs: 10_000 },
    onBootEvent: event => events.push(event),
    log: silentLog,
    count: (_area, reason) => counted.push(reason),
    now: () => 42,
    ...changes,
  })
  return { port, events, counted, close: () => server.close() }
}
