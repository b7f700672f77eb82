import { type AgentHello, LINK_PROTOCOL } from '../../protocol/link.ts'
import type { Parameters } from '../parameters.ts'

/** What a greeting says beside the boot's parameters. */
export type Self = Pick<AgentHello, 'kernelBootId' | 'agentVersion'> & {
  readonly publicKeyPem: string
  /** Whether a certificate of this boot speaks for us on the connection. */
  readonly certified: boolean
}

/**
 * The first message of a connection, always with the key to certify: a certified agent has its certificate renewed by
 * it. The token goes along only while there is no certificate.
 */
export function greet(parameters: Parameters, self: Self): AgentHello {
  const { token, boot, image, mac, ip, agent } = parameters
  return {
    type: 'hello',
    protocol: LINK_PROTOCOL,
    kernelBootId: self.kernelBootId,
    agentVersion: self.agentVersion,
    mac,
    ip: ip.address,
    agentPort: agent,
    ...(boot === undefined ? {} : { bootRecord: boot }),
    ...(image === undefined ? {} : { image }),
    publicKeyPem: self.publicKeyPem,
    ...(self.certified || token === undefined ? {} : { token }),
  }
}
