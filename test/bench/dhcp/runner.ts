import { ServerConfig } from '../../../config/server.ts'
import { Cidr } from '../../../config/values/cidr.ts'
import { openLeaseStore } from '../../../server/dhcp/lease-store.ts'
import { startDhcp } from '../../../server/dhcp/service.ts'
import { collectAlone } from '../../../server/io/collector.ts'
import { createLog } from '../../../server/io/log.ts'
import { createNicSockets } from '../../../server/io/nic-sockets.ts'
import { openSqliteStore } from '../../../server/store/sqlite.ts'

/**
 * Runs the real DHCP service in the network namespace it is started in, with the store and collector that `godwit serve`
 * has:
 * `runner.ts DATABASE INTERFACE ADDRESS/PREFIX CONFIG_JSON`. Prints `{"serving": true}` once the port is open; lives
 * until it is killed.
 */
const [database = '', interfaceName = '', cidr = '', dhcp = '{}'] = process.argv.slice(2)
collectAlone()
const link = Cidr.parse(cidr)
const log = createLog('warn')
await startDhcp({
  config: ServerConfig.parse({ dhcp: { mode: 'authoritative', ...JSON.parse(dhcp) } }).dhcp,
  link: { interface: interfaceName, ...link },
  openSockets: createNicSockets({ isOnlyNic: true, adopt: () => undefined, log }),
  leases: await openLeaseStore(openSqliteStore({ path: database, now: Date.now }), log, () => {}),
  bootFor: ({ stage }) => ({
    file: stage === 'rom' ? 'snponly-x64.efi' : `http://${link.address}:7080/boot.ipxe`,
    nextServer: link.address,
  }),
  onBootEvent: () => {},
  log,
  count: () => {},
  now: Date.now,
})
process.stdout.write('{"serving": true}\n')
