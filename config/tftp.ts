import * as z from 'zod'
import { Ipv4 } from './values/ipv4.ts'

const Port = z.number().int().min(1).max(65_535)

/** The TFTP server's part of the configuration. */
export const Tftp = z.strictObject({
  enabled: z.boolean().default(true).describe('Answer TFTP at all'),
  maxBlockSize: z
    .number()
    .int()
    .min(512)
    .max(65_464)
    .default(1468)
    .describe('blksize ceiling; the MTU of the NIC less 32 is another (RFC 2348)'),
  maxWindowSize: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(16)
    .describe('windowsize cap, RFC 7440; above 64 switch buffers overflow'),
  maxTransfers: z.number().int().min(1).default(256).describe('Transfers at once'),
  maxTransfersPerClient: z
    .number()
    .int()
    .min(1)
    .default(8)
    .describe('Transfers at once for one address; raise it where many machines share one (NAT)'),
  maxRequestsPerSecond: z.number().int().min(1).default(1000).describe('New transfers a second'),
  maxRequestsPerSecondPerClient: z
    .number()
    .int()
    .min(1)
    .default(100)
    .describe('New transfers a second for one address; loaders with many small files ask for dozens'),
  singlePort: z
    .boolean()
    .default(false)
    .describe('Send everything from the TFTP port itself, for NAT and strict firewalls'),
  portRange: z
    .strictObject({
      first: Port.describe(
        'First port that transfers come from, for a firewall; without it, where the system likes',
      ),
      last: Port.describe('Last port that transfers come from'),
    })
    .refine(range => range.first <= range.last, 'first may not be above last')
    .optional()
    .describe('Ports that transfers come from, for a firewall; without it, where the system likes'),
  root: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of your own files to serve beside the loaders; none when omitted'),
  ignoreCase: z
    .boolean()
    .default(false)
    .describe('Find files of that folder in any spelling; below boot/ (Windows) they always are'),
  stripPrefixes: z
    .array(z.string().min(1))
    .default(['tftpboot', 'srv/tftp'])
    .describe('Folders that names may begin with without being there: roots of other servers'),
  rolloverToOne: z
    .array(Ipv4)
    .default([])
    .describe('Machines whose loader counts on with 1 after block 65535; all others get 0'),
  port: Port.default(69).describe('UDP port; firmware asks 69 only'),
})
