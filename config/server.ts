import * as z from 'zod'
import { BootMachine } from './boot-machine.ts'
import { ExtraOption, Pool, RelayedSubnet, Reservation } from './dhcp-subnets.ts'
import { Home } from './home.ts'
import { overrideOf } from './override.ts'
import { Tftp } from './tftp.ts'
import { Users } from './users.ts'
import { Bytes } from './values/bytes.ts'
import { Cidr } from './values/cidr.ts'
import { Ipv4 } from './values/ipv4.ts'

const Port = z.number().int().min(1).max(65_535)
const Seconds = z.number().int().positive()

const Dhcp = z.strictObject({
  mode: z
    .enum(['auto', 'authoritative', 'proxy', 'off'])
    .default('auto')
    .describe(
      'auto: look for another DHCP server first; lease addresses when there is none, boot machines beside it when there is one. authoritative: lease in any case. proxy: never lease. off: no DHCP at all',
    ),
  pool: Pool.optional().describe('Addresses to lease; without it, the upper half of the subnet'),
  leaseSeconds: Seconds.min(120).default(43_200).describe('Lease of a running system'),
  bootLeaseSeconds: Seconds.min(120)
    .default(900)
    .describe('Lease of a ROM or loader: short, it is gone in a minute'),
  offerHoldSeconds: Seconds.default(120).describe('How long an offered address waits for its REQUEST'),
  declineHoldSeconds: Seconds.default(3600).describe(
    'How long an address that a client declined stays unused',
  ),
  router: Ipv4.optional().describe('Default gateway for the nodes; none when omitted'),
  dns: z.array(Ipv4).max(8).default([]).describe('Name servers for the nodes'),
  domain: z.string().max(253).optional().describe('DNS domain for the nodes'),
  reservations: z.array(Reservation).default([]).describe('Fixed addresses by MAC'),
  exclude: z.array(Ipv4).default([]).describe('Addresses in the pool that are never leased'),
  relayed: z.array(RelayedSubnet).default([]).describe('Networks behind relay agents'),
  options: z.array(ExtraOption).default([]).describe('Further options for every subnet'),
  authoritative: z
    .boolean()
    .default(true)
    .describe(
      'Adopt or refuse at once a machine that claims an address we have no record of; false: stay silent, as is fit beside another server',
    ),
  strictClientId: z
    .boolean()
    .default(false)
    .describe(
      'Lease by client id (option 61) where one is sent, not by MAC: up to three addresses for one boot',
    ),
  bootp: z.boolean().default(false).describe('Answer BOOTP clients (no DHCP at all) that have a reservation'),
  conflictProbe: z
    .boolean()
    .default(true)
    .describe('Look, for 400 ms, whether somebody uses an address before it is offered for the first time'),
})

const NetworkInterface = z.strictObject({
  interface: z.string().min(1).describe('Name of the NIC; it may appear later'),
  address: Cidr.optional().describe("Server's own address on it; without it, the first the NIC has"),
  dhcp: overrideOf(Dhcp).prefault({}).describe('What differs from `dhcp` on this NIC, field by field'),
})

const Network = z
  .strictObject({
    interface: z
      .string()
      .min(1)
      .optional()
      .describe('NIC that faces the nodes; without it, the only NIC with a private IPv4 address'),
    address: Cidr.optional().describe("Server's own address on that NIC; without it, read from the NIC"),
    interfaces: z
      .array(NetworkInterface)
      .default([])
      .describe('Several NICs, each with its own network, instead of `interface` and `address`'),
  })
  .superRefine((network, context) => {
    const names = network.interfaces.map(each => each.interface)
    for (const [index, name] of names.entries())
      if (names.indexOf(name) !== index)
        context.addIssue({
          code: 'custom',
          path: ['interfaces', index, 'interface'],
          message: `${name} comes twice`,
        })
    if (names.length > 0 && (network.interface !== undefined || network.address !== undefined))
      context.addIssue({
        code: 'custom',
        path: ['interfaces'],
        message: 'stands instead of network.interface and network.address; give one of both',
      })
  })

const Http = z.strictObject({
  port: Port.default(7080).describe('Plain HTTP: scripts, loaders, image files'),
  cacheSize: Bytes.optional().describe(
    'Memory for image files that are being sent, e.g. 256M; without it, an eighth of the host, at most 512M. Less than an image costs CPU when machines boot one after another',
  ),
  maxConnections: z.number().int().min(1).default(4096).describe('Connections at once, idle ones included'),
  maxConnectionsPerClient: z
    .number()
    .int()
    .min(1)
    .default(128)
    .describe('Connections at once for one address'),
  headSeconds: Seconds.default(10).describe('How long a client may take to send the head of a request'),
  stallSeconds: Seconds.default(120).describe(
    'How long a client may take nothing of a file before its connection is ended; slower than about 20 KB/s counts as nothing',
  ),
  congestion: z
    .enum(['auto', 'host'])
    .default('auto')
    .describe(
      'auto: send files by cubic where the host has bbr, which costs much CPU where the NIC has no fq queue. host: as the host does',
    ),
})

const Cluster = z.strictObject({
  approval: z
    .enum(['auto', 'manual'])
    .default('auto')
    .describe(
      'auto: a machine that booted our image joins by itself. manual: it waits for `godwit node approve`',
    ),
  tokenSeconds: Seconds.default(1800).describe("How long a boot's one-time join token is good"),
  reportSeconds: z.number().positive().max(60).default(1).describe('Time between load reports of a node'),
  lostAfterSeconds: Seconds.default(15).describe(
    'Silence after which a node is lost and its processes have ended',
  ),
})

const Boot = z.strictObject({
  channel: z.string().default('stable').describe('Image channel the machines boot'),
  routerAdvertisements: z
    .boolean()
    .default(true)
    .describe('Tell the LAN that there is no IPv6 router (through radvd): saves each iPXE a wait of 16 s'),
  kernelArgs: z.array(z.string()).default([]).describe('Extra kernel arguments, e.g. console=ttyS0'),
  loaderDir: z.string().default('/usr/lib/ipxe').describe("Folder with the loaders of Debian's ipxe package"),
  machines: z
    .array(BootMachine)
    .default([])
    .describe('Machines that need another loader, reply style or way to their disk'),
})

const Placement = z.strictObject({
  memoryCeiling: z
    .number()
    .min(0.5)
    .max(1)
    .default(0.95)
    .describe("Share of a node's memory that reservations may fill"),
  defaultMemory: Bytes.prefault('128M').describe('Reservation of a program nothing is known of'),
})

/** The server's whole configuration; every field has a default, so an empty file (or none) is a valid one. */
export const ServerConfig = z.strictObject({
  stateDir: z.string().min(1).default('/var/lib/godwit').describe('Database, keys, certificates'),
  imageDir: z.string().optional().describe('Built images; without it, where `godwit image build` puts them'),
  adminSocket: z
    .string()
    .optional()
    .describe('Unix socket of the admin API; without it, `admin.sock` in the state folder'),
  network: Network.prefault({}),
  dhcp: Dhcp.prefault({}),
  tftp: Tftp.prefault({}),
  http: Http.prefault({}),
  api: z.strictObject({ port: Port.default(7443).describe('TLS: the link of the agents') }).prefault({}),
  agent: z
    .strictObject({ port: Port.default(7444).describe('TLS on each node: the streams of its processes') })
    .prefault({}),
  boot: Boot.prefault({}),
  cluster: Cluster.prefault({}),
  home: Home.prefault({}),
  users: Users.prefault({}),
  placement: Placement.prefault({}),
  native: z
    .strictObject({
      send: z
        .enum(['auto', 'off'])
        .default('auto')
        .describe(
          'auto: send loaders by calls of the kernel that Node does not offer, where they can be had; off: by Node alone, at more CPU',
        ),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least serious lines shown'),
    })
    .prefault({})
    .describe('Log lines on standard error, JSON each'),
})
export type ServerConfig = z.output<typeof ServerConfig>
