import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Running } from './dhcp-lab.ts'
import { createLan, type Lan } from './lan.ts'

/** A home LAN: a router with a DHCP server of its own, a host for godwit, and a machine. */
export type RouterLan = Lan<'godwit' | 'router' | 'machine'> & {
  /** dnsmasq on the router, leasing .20 to .30; resolves when it listens. */
  startRouter(...more: readonly string[]): Promise<Running>
  /** The real `godwit serve` with these DHCP settings; resolves when it serves. */
  serve(dhcp: Readonly<Record<string, unknown>>): Promise<Running>
}

const GODWIT = fileURLToPath(new URL('../../cli/godwit.js', import.meta.url))
/** godwit's own address on the LAN. */
export const GODWIT_ADDRESS = '10.92.0.2'
/** The router's. */
export const ROUTER_ADDRESS = '10.92.0.1'

/** Lays out the LAN; `name` has at most four characters. */
export function createRouterLan(name: string): RouterLan {
  const lan = createLan(name, ['godwit', 'router', 'machine'])
  const { godwit, router } = lan.hosts
  godwit.setAddress(`${GODWIT_ADDRESS}/24`)
  router.setAddress(`${ROUTER_ADDRESS}/24`)
  return {
    ...lan,
    async startRouter(...more) {
      const files = ['-C', '/dev/null', `--dhcp-leasefile=${join(lan.folder, 'router.leases')}`]
      const range = [
        '--dhcp-range=10.92.0.20,10.92.0.30,10m',
        '--dhcp-authoritative',
        '--log-dhcp',
        '--no-ping',
      ]
      const program = router.start('dnsmasq', '-k', '-p0', '--log-facility=-', ...files, ...range, ...more)
      await program.until(/DHCP, IP range/)
      return program
    },
    async serve(dhcp) {
      const config = join(lan.folder, 'godwit.json')
      const text = JSON.stringify({
        stateDir: join(lan.folder, 'state'),
        imageDir: join(lan.folder, 'images'),
        network: { interface: godwit.device, address: `${GODWIT_ADDRESS}/24` },
        boot: { routerAdvertisements: false },
        log: { level: 'debug' },
        dhcp: { pool: { start: '10.92.0.100', end: '10.92.0.120' }, ...dhcp },
      })
      writeFileSync(config, text)
      const server = godwit.start(process.execPath, GODWIT, 'serve', '--config', config)
      await server.until(/godwit serves/, 50_000)
      return server
    },
  }
}
