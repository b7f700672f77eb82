/**
 * Stands in for `godwit serve` where only the lab itself is tested: reads the configuration the lab wrote,
 * listens on its admin socket, and has dnsmasq answer DHCP and TFTP on the lab's bridge. Dies as it is told to.
 */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { parse } from 'yaml'

const config = parse(readFileSync(process.argv[2], 'utf8'))
const { start, end } = config.dhcp.pool
const dnsmasq = spawn(
  'dnsmasq',
  [
    ...['--conf-file=/dev/null', '--keep-in-foreground', '--log-facility=-', '--log-dhcp', '--port=0'],
    ...[`--interface=${config.network.interface}`, '--bind-interfaces', '--leasefile-ro', '--pid-file'],
    ...[`--dhcp-range=${start},${end}`, '--user=root', '--dhcp-no-override'],
    ...['--enable-tftp', '--tftp-root=/usr/lib/ipxe', '--dhcp-match=set:efi,option:client-arch,7'],
    ...['--dhcp-boot=tag:efi,snponly.efi'],
  ],
  { stdio: 'inherit' },
)
rmSync(config.adminSocket, { force: true })
createServer().listen(config.adminSocket)
process.once('SIGTERM', () => {
  dnsmasq.kill()
  process.exit(0)
})
