/** DHCP option codes this server reads or writes (RFC 2132 unless another RFC is named). */
export const OPTION = {
  pad: 0,
  subnetMask: 1,
  router: 3,
  dns: 6,
  hostName: 12,
  domain: 15,
  rootPath: 17,
  mtu: 26,
  broadcast: 28,
  ntp: 42,
  /** Vendor-encapsulated options; for `PXEClient` the PXE 2.1 sub-options. */
  vendorSpecific: 43,
  requestedIp: 50,
  leaseSeconds: 51,
  overload: 52,
  messageType: 53,
  serverId: 54,
  parameterList: 55,
  message: 56,
  maxMessageSize: 57,
  renewalSeconds: 58,
  rebindingSeconds: 59,
  vendorClass: 60,
  clientId: 61,
  tftpServer: 66,
  bootFile: 67,
  /** RFC 3004; iPXE writes raw text here. */
  userClass: 77,
  fqdn: 81,
  /** RFC 3046; echoed byte for byte, last. */
  relayAgent: 82,
  /** RFC 4578 §2.1. */
  clientArch: 93,
  /** RFC 4578 §2.2. */
  networkInterface: 94,
  /** RFC 4578 §2.3: SMBIOS UUID. */
  machineId: 97,
  /** RFC 3011: the network to lease from, chosen by the client. */
  subnetSelection: 118,
  domainSearch: 119,
  staticRoutes: 121,
  /** Etherboot/iPXE encapsulated options. */
  ipxe: 175,
  end: 255,
} as const

/** Stands for the message type of a BOOTP client, which has none. */
export const BOOTP = 0

/** DHCP message types, RFC 2132 §9.6. */
export const MESSAGE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const
