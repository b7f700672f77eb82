import { type Cidr, networkOf } from '../../config/values/cidr.ts'
import type { Ipv4 } from '../../config/values/ipv4.ts'

/** NFSv4's port (RFC 8881 §2.9.3); it needs no other and no portmapper. */
export const NFS_PORT = 2049

/**
 * How long a client may be silent before it loses its locks, and how long after a restart of the server files wait to
 * be opened, so that locks can be claimed back. Ganesha's own 60 and 90 s would stop every node that long; a grace of
 * more than a lease is enough, and it ends at once when all clients known before have claimed theirs.
 */
const LEASE_SECONDS = 20
const GRACE_SECONDS = 25

/** What one NFS server exports: `folder` of this host, seen as `at`, to `networks`, on `address` only. */
export type Export = {
  readonly address: Ipv4
  readonly folder: string
  readonly at: string
  readonly networks: readonly Cidr[]
  /** Folder for what ganesha must remember over a restart of its own. */
  readonly recoveryDir: string
}

/**
 * nfs-ganesha's configuration (ganesha-core-config(8), ganesha-export-config(8), ganesha-cache-config(8)). It keeps no
 * attributes and no folders of its own: programs on this host change the same files behind its back. Owners are
 * numbers, so no id mapping is asked; root of a node is nobody here. No NFSv4.2: Linux then reads by READ_PLUS, and
 * ganesha 4.3 answers that with zeros in place of the file (seen with Linux 6.12; by 4.1 the same file is right). Its
 * maintainers call the code partial and older than the RFC: https://github.com/nfs-ganesha/nfs-ganesha/issues/1344
 */
export function ganeshaConfig(share: Export): string {
  return `NFS_CORE_PARAM {
  Protocols = 4;
  Bind_addr = ${share.address};
  NFS_Port = ${NFS_PORT};
  Enable_UDP = false;
  Enable_NLM = false;
  Enable_RQUOTA = false;
}
NFSV4 {
  Minor_Versions = 0, 1;
  Lease_Lifetime = ${LEASE_SECONDS};
  Grace_Period = ${GRACE_SECONDS};
  Only_Numeric_Owners = true;
  Delegations = false;
  RecoveryBackend = fs;
  RecoveryRoot = "${share.recoveryDir}";
}
NFS_KRB5 { Active_krb5 = false; }
MDCACHE { Dir_Chunk = 0; }
LOG { Default_Log_Level = WARN; }
EXPORT_DEFAULTS { Access_Type = NONE; SecType = sys; }
EXPORT {
  Export_Id = 1;
  Path = "${share.folder}";
  Pseudo = "${share.at}";
  Squash = Root_Squash;
  Protocols = 4;
  Transports = TCP;
  Attr_Expiration_Time = 0;
  FSAL { Name = VFS; }
  CLIENT { Clients = ${share.networks.map(networkText).join(', ')}; Access_Type = RW; }
}
`
}

function networkText(cidr: Cidr): string {
  return `${networkOf(cidr)}/${cidr.prefixLength}`
}
