import type { Cidr } from '../../../config/values/cidr.ts'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Mac } from '../../../config/values/mac.ts'
import { LAB_ADDRESS, LAB_BRIDGE, LAB_POOL } from '../../../lab/network.ts'

/** Port of the peer's web server; ours has 7080, where the machine still reports its stages. */
export const PEER_HTTP_PORT = 8080
/** Root of the peer's web server. */
export const PEER_BASE = `http://${LAB_ADDRESS.address}:${PEER_HTTP_PORT}`
/** The address reserved for the one machine that boots. */
export const PEER_MACHINE: Cidr = {
  address: LAB_POOL.start as Ipv4,
  prefixLength: LAB_ADDRESS.prefixLength,
}

/** Files of the peer's servers; `folder` is theirs alone, `imageDir` the web server's root. */
export type PeerFiles = { readonly folder: string; readonly imageDir: string }

/** The script the peer's iPXE gets; written anew for each boot, because the join token in it is good once. */
export function peerScriptPath({ folder }: Pick<PeerFiles, 'folder'>): string {
  return `${folder}/boot.ipxe`
}

/**
 * dnsmasq as its manual and iPXE's say: a pool, TFTP of Debian's loaders by client architecture (RFC 4578: 7 and 9
 * are x64 UEFI), and the script's URL for what sends iPXE's option 175. Not DNS. As root, because an unprivileged
 * user namespace has no other user.
 */
export function dnsmasqArgv({ folder }: PeerFiles, mac: Mac): readonly string[] {
  return [
    'dnsmasq',
    ...['--conf-file=/dev/null', '--keep-in-foreground', '--log-facility=-', '--port=0', '--user=root'],
    ...[`--interface=${LAB_BRIDGE}`, '--bind-interfaces', '--pid-file'],
    ...[`--dhcp-leasefile=${folder}/dnsmasq.leases`, `--dhcp-range=${LAB_POOL.start},${LAB_POOL.end}`],
    `--dhcp-host=${mac},${PEER_MACHINE.address}`,
    ...['--enable-tftp', '--tftp-root=/usr/lib/ipxe'],
    ...['--dhcp-match=set:ipxe,175', `--dhcp-boot=tag:ipxe,${PEER_BASE}/boot.ipxe`],
    ...['--dhcp-match=set:efi64,option:client-arch,7', '--dhcp-match=set:efi64,option:client-arch,9'],
    ...['--dhcp-boot=tag:!ipxe,tag:efi64,snponly.efi', '--dhcp-boot=tag:!ipxe,tag:!efi64,undionly.kpxe'],
  ]
}

/** The command of nginx with the configuration at `configPath`. */
export function nginxArgv({ folder }: PeerFiles, configPath: string): readonly string[] {
  return ['nginx', '-p', folder, '-e', `${folder}/nginx-error.log`, '-c', configPath]
}

/**
 * The settings of Debian's nginx.conf (sendfile, tcp_nopush, gzip, a worker per CPU, an access log), with a site
 * that serves the image folder, and the paths of files in a folder of its own.
 */
export function nginxConfig(files: PeerFiles): string {
  const { folder, imageDir } = files
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `user root;
worker_processes auto;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx-error.log;
events { worker_connections 768; }
http {
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  default_type application/octet-stream;
  access_log ${folder}/nginx-access.log;
  gzip on;
${temporary.map(name => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  server {
    listen ${LAB_ADDRESS.address}:${PEER_HTTP_PORT};
    root ${imageDir};
    location = /boot.ipxe { alias ${peerScriptPath(files)}; }
  }
}
`
}

/**
 * What our own server does beside the peer: only what is no part of a boot's delivery, so the agent can join. With
 * `advertises` it also tells the LAN that there is no IPv6 router, as it does when it serves boots itself.
 */
export function joinServerLayer(advertises: boolean) {
  return {
    dhcp: { mode: 'off' },
    tftp: { enabled: false },
    boot: { routerAdvertisements: advertises },
  }
}
