import { ServerConfig } from '../../../config/server.ts'
import { Cidr } from '../../../config/values/cidr.ts'
import { openLeaseStore } from '../../../server/dhcp/lease-store.ts'
import { startDhcp } from '../../../server/dhcp/service.ts'
import { createNicSockets } from '../../../server/io/nic-sockets.ts'
import { openSqliteStore } from '../../../server/store/sqlite.ts'
import { answerFootprints, faultLog } from '../memory.ts'

/**
 * The real DHCP service under fuzz: `server-main.ts DATABASE INTERFACE ADDRESS/PREFIX`, in the servers' namespace.
 * Prints `{"serving": true}`, then answers footprints.
 */
const [database = '', interfaceName = '', cidr = ''] = process.argv.slice(2)
const link = Cidr.parse(cidr)
await startDhcp({
  config: ServerConfig.parse({
    dhcp: { mode: 'authoritative', pool: { start: '10.96.16.1', end: '10.96.31.254' } },
  }).dhcp,
  link: { interface: interfaceName, ...link },
  openSockets: createNicSockets({ isOnlyNic: true, adopt: () => undefined, log: faultLog }),
  leases: await openLeaseStore(openSqliteStore({ path: database, now: Date.now }), faultLog, () => {}),
  bootFor: ({ stage }) => ({
    file: stage === 'rom' ? 'snponly-x64.efi' : `http://${link.address}:7080/boot.ipxe`,
    nextServer: link.address,
  }),
  onBootEvent: () => {},
  log: faultLog,
  count: () => {},
  now: Date.now,
})
answerFootprints()
process.stdout.write('{"serving": true}\n')
