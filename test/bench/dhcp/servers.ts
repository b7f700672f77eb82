import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SERVER_NODE_OPTIONS } from '../../../config/node-options.ts'
import type { Rig, ServerCommand } from '../net/rig.ts'

/** Who leases: we, Kea with one thread and with two, dnsmasq. */
export const SUBJECTS = ['godwit', 'kea', 'kea-mt2', 'dnsmasq'] as const
/** One of the {@link SUBJECTS}. */
export type Subject = (typeof SUBJECTS)[number]

/** Enough for 5000 clients that each may be given another address. */
const POOL = { start: '10.96.16.1', end: '10.96.63.254' }
const NETMASK = '255.255.0.0'
const LEASE_SECONDS = 43_200
const LOADER = 'snponly-x64.efi'
const RUNNER = new URL('./runner.ts', import.meta.url).pathname

/** Writes the configuration into an empty folder of the rig; resolves with the command. */
export async function dhcpServer(subject: Subject, rig: Rig, folder: string): Promise<ServerCommand> {
  if (subject === 'godwit') return godwit(rig, folder)
  if (subject === 'dnsmasq') return dnsmasq(rig, folder)
  const path = join(folder, 'kea.json')
  await writeFile(path, JSON.stringify(keaConfig(rig, folder, subject === 'kea' ? 1 : 2), null, 2))
  // Kea insists on folders of its own for these, and on one configured when it was built.
  const env = { KEA_PIDFILE_DIR: folder, KEA_LOCKFILE_DIR: folder, KEA_DHCP_DATA_DIR: folder }
  return { argv: ['kea-dhcp4', '-c', path], ready: /DHCP4_STARTED/, env }
}

function godwit(rig: Rig, folder: string): ServerCommand {
  const config = { pool: POOL, leaseSeconds: LEASE_SECONDS }
  const cidr = `${rig.serverAddress}/${rig.prefixLength}`
  const args = [join(folder, 'leases.db'), rig.serverDevice, cidr, JSON.stringify(config)]
  return {
    argv: [process.execPath, ...SERVER_NODE_OPTIONS, '--import', 'tsx', RUNNER, ...args],
    ready: /"serving":\s*true/,
  }
}

function dnsmasq(rig: Rig, folder: string): ServerCommand {
  const options = [
    '--keep-in-foreground --conf-file=/dev/null --log-facility=- --quiet-dhcp --user=root --port=0',
    `--pid-file=${folder}/pid --interface=${rig.serverDevice} --bind-interfaces`,
    `--dhcp-range=${POOL.start},${POOL.end},${NETMASK},${LEASE_SECONDS}`,
    // Kea 2.2 does not ping either, and we do not behind a relay.
    `--dhcp-authoritative --no-ping --dhcp-lease-max=20000 --dhcp-leasefile=${folder}/leases`,
    `--dhcp-match=set:efi64,option:client-arch,7 --dhcp-boot=tag:efi64,${LOADER},,${rig.serverAddress}`,
  ]
  return { argv: ['dnsmasq', ...options.join(' ').split(' ')], ready: /started, version/ }
}

/** Kea as its manual sets it up; the lease file clean-up (every hour) does not run within a measurement. */
function keaConfig(rig: Rig, folder: string, threads: number) {
  const { serverDevice, serverAddress, prefixLength } = rig
  const logger = (name: string, severity: string) => ({
    ...{ name, severity },
    output_options: [{ output: 'stdout' }],
  })
  return {
    Dhcp4: {
      'interfaces-config': {
        ...{ interfaces: [`${serverDevice}/${serverAddress}`], 'dhcp-socket-type': 'udp' },
      },
      'lease-database': { type: 'memfile', persist: true, name: join(folder, 'leases.csv') },
      'multi-threading': {
        ...{ 'enable-multi-threading': threads > 1, 'thread-pool-size': threads, 'packet-queue-size': 64 },
      },
      'valid-lifetime': LEASE_SECONDS,
      'client-classes': [
        {
          ...{ name: 'efi64', test: 'option[93].hex == 0x0007' },
          ...{ 'next-server': serverAddress, 'boot-file-name': LOADER },
        },
      ],
      subnet4: [
        {
          ...{ id: 1, subnet: `10.96.0.0/${prefixLength}` },
          pools: [{ pool: `${POOL.start} - ${POOL.end}` }],
        },
      ],
      loggers: [logger('kea-dhcp4', 'WARN'), logger('kea-dhcp4.dhcp4', 'INFO')],
    },
  }
}
