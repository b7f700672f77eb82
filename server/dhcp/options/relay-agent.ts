import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { readArea, type Tlv } from './area.ts'
import { readIp } from './value.ts'

/** Sub-options of option 82 that change what we do; all others are only given back. */
const LINK_SELECTION = 5
const SERVER_ID_OVERRIDE = 11
const SOURCE_PORT = 19

/** What a relay asks of us in option 82. */
export type RelayAgent = {
  /** An address of the network to lease from, when giaddr is not one (RFC 3527). */
  readonly linkSelection: Ipv4 | undefined
  /** What to call ourselves in option 54, so that renewals go through the relay as well (RFC 5107). */
  readonly serverId: Ipv4 | undefined
  /** Answers go to the port the relay sent from, not to 67 (RFC 8357). */
  readonly usesSourcePort: boolean
}

const NONE: RelayAgent = { linkSelection: undefined, serverId: undefined, usesSourcePort: false }

/** Reads option 82. Sub-options that are cut off or of a wrong length are as good as absent. */
export function readRelayAgent(value: Uint8Array | undefined): RelayAgent {
  if (value === undefined) return NONE
  const { tlvs } = readArea(value)
  return {
    linkSelection: readIp(find(tlvs, LINK_SELECTION)),
    serverId: readIp(find(tlvs, SERVER_ID_OVERRIDE)),
    usesSourcePort: find(tlvs, SOURCE_PORT) !== undefined,
  }
}

function find(tlvs: readonly Tlv[], code: number): Uint8Array | undefined {
  return tlvs.find(tlv => tlv.code === code)?.value
}
