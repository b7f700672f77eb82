import { readFileSync, rmSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer } from 'node:net'
import { parse } from 'yaml'
import * as z from 'zod'
import { ServerConfig } from '../../config/server.ts'
import { Mac } from '../../config/values/mac.ts'
import { advertisementConfig } from '../../server/boot/advertisement.ts'
import { stopScript } from '../../server/boot/script.ts'
import { openBoot } from '../../server/boot/service.ts'
import type { BootFor } from '../../server/dhcp/boot-client.ts'
import { openLeaseStore } from '../../server/dhcp/lease-store.ts'
import { startDhcp } from '../../server/dhcp/service.ts'
import { startAdvertiser } from '../../server/io/advertiser.ts'
import { readLoaders } from '../../server/io/loader-files.ts'
import { createLog } from '../../server/io/log.ts'
import { createNicSockets } from '../../server/io/nic-sockets.ts'
import { createMemoryStore } from '../../server/store/memory.ts'
import { startTftp } from '../../server/tftp/service.ts'
import { testedLibc } from '../fakes/native-calls.ts'

/**
 * Stands in for `godwit serve` in a lab: the real DHCP, TFTP, loaders and first script, but an HTTP server that fails
 * as told. `script-server.ts CONFIG.yaml PLANS_JSON`; prints one JSON line per request of a machine.
 */
const Plan = z.object({
  /** Requests for the machine's script that get a 503 before one gets a script. */
  failures: z.number().default(0),
  /** Gets undionly.kpxe first although its ROM is an iPXE. */
  chain: z.boolean().default(false),
})
const config = ServerConfig.parse(parse(readFileSync(process.argv[2] ?? '', 'utf8')))
const plans = z.record(Mac, Plan).parse(JSON.parse(process.argv[3] ?? '{}'))
if (config.network.address === undefined) throw new Error('the lab names its address')
const { address, prefixLength } = config.network.address
const log = createLog('info')
const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`)

const { loaders } = await readLoaders(config.boot.loaderDir)
const memory = { recall: () => undefined, remember: () => undefined }
const boot = await openBoot({
  config,
  address,
  loaders,
  loaderCache: `${config.stateDir}/loaders`,
  memory,
  log,
  now: Date.now,
})

const asked = new Map<string, number>()
const http = createHttp((request, response) => {
  const url = new URL(request.url ?? '/', 'http://x')
  const mac = Mac.safeParse(url.searchParams.get('mac')).data
  const number = (asked.get(`${mac} ${url.pathname}`) ?? 0) + 1
  asked.set(`${mac} ${url.pathname}`, number)
  const isScript = url.pathname === '/v1/boot.ipxe'
  const failures = (mac === undefined ? undefined : plans[mac]?.failures) ?? 0
  const status = isScript && number <= failures ? 503 : 200
  if (mac !== undefined)
    say({ mac, path: url.pathname, query: Object.fromEntries(url.searchParams), number, status })
  const text = isScript
    ? stopScript('this is stage two', 'exit')
    : url.pathname === '/boot.ipxe'
      ? boot.scripts.ipxe
      : 'ok\n'
  response.writeHead(status, { 'Content-Type': 'text/plain' }).end(status === 200 ? text : 'not now\n')
})
await new Promise<void>(resolve => http.listen(config.http.port, address, resolve))

await startTftp({
  config: config.tftp,
  address,
  open: async ({ path }) => {
    const bytes = boot.file(path)
    if (bytes === undefined) return undefined
    return {
      sizeBytes: bytes.length,
      read: async (offset, length) => bytes.subarray(offset, offset + length),
      close: async () => undefined,
    }
  },
  onTransfer: transfer => say({ tftp: transfer.path, outcome: transfer.outcome, client: transfer.client }),
  libc: testedLibc(),
  log,
  count: () => undefined,
  now: Date.now,
})

// Without it each iPXE would wait 16 s for an IPv6 router at every try.
const { stateDir } = config
const name = config.network.interface ?? ''
await startAdvertiser({ interface: name, config: advertisementConfig(name), stateDir, log })

const chained = new Set<string>()
const bootFor: BootFor = client => {
  if (!plans[client.mac]?.chain || chained.has(client.mac)) return boot.bootFor(client)
  return { file: 'undionly.kpxe', nextServer: address }
}
const store = createMemoryStore({ now: Date.now })
await startDhcp({
  config: config.dhcp,
  link: { interface: name, address, prefixLength },
  openSockets: createNicSockets({ isOnlyNic: true, adopt: () => undefined, log }),
  leases: await openLeaseStore(store, log, () => undefined),
  bootFor,
  onBootEvent: event => {
    say(event)
    // One answer for DISCOVER and REQUEST; whoever asks after its ACK has the loader it was told.
    if (event.stage === 'ipxe') chained.add(event.mac)
  },
  log,
  count: () => undefined,
  now: Date.now,
})

const socket = config.adminSocket ?? ''
rmSync(socket, { force: true })
createServer().listen(socket)
process.once('SIGTERM', () => process.exit(0))
