import { ServerConfig } from '../../config/server.ts'
import { Cidr } from '../../config/values/cidr.ts'
import type { BootFor } from '../../server/dhcp/boot-client.ts'
import { openLeaseStore } from '../../server/dhcp/lease-store.ts'
import { startDhcp } from '../../server/dhcp/service.ts'
import { createLog } from '../../server/io/log.ts'
import { createNicSockets } from '../../server/io/nic-sockets.ts'
import { openSqliteStore } from '../../server/store/sqlite.ts'

/**
 * Runs the real DHCP service in the network namespace it is started in, for the interop tests:
 * `dhcp-runner.ts DATABASE INTERFACE ADDRESS/PREFIX CONFIG_JSON`. Prints one JSON line per boot event and
 * `{"serving": true}` once the port is open. Lives until it is killed.
 */
const [database = '', interfaceName = '', cidr = '', dhcp = '{}'] = process.argv.slice(2)
const link = Cidr.parse(cidr)
const log = createLog('debug')
const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`)

const bootFor: BootFor = ({ stage }) => ({
  file: stage === 'rom' ? 'snponly-x64.efi' : `http://${link.address}:7080/boot.ipxe`,
  nextServer: link.address,
})

try {
  const store = openSqliteStore({ path: database, now: Date.now })
  const leases = await openLeaseStore(store, log, () => {})
  const server = await startDhcp({
    config: ServerConfig.parse({ dhcp: { mode: 'authoritative', ...JSON.parse(dhcp) } }).dhcp,
    link: { interface: interfaceName, ...link },
    openSockets: createNicSockets({ isOnlyNic: true, adopt: () => undefined, log }),
    leases,
    bootFor,
    onBootEvent: say,
    log,
    count: () => {},
    now: Date.now,
  })
  say({ serving: true, leases: server.leases() })
} catch (error) {
  say({ failed: (error as { code?: string }).code, message: String(error) })
  process.exitCode = 1
}
