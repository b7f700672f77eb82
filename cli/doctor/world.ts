import type { ServerConfig } from '../../config/server.ts'
import type { ServerStatus } from '../../protocol/admin.ts'
import type { NeededPort } from './ports.ts'

/** An interface that faces the machines, the address we have there, and how DHCP behaves on it. */
export type DoctorLink = {
  readonly interface: string
  readonly address: string
  /** `undefined` while no server runs: nobody has chosen yet. */
  readonly mode: string | undefined
}

/** What the doctor examines: the configuration, and the running server if there is one. */
export type World = {
  readonly config: ServerConfig
  readonly imageDir: string
  readonly status: ServerStatus | undefined
  readonly links: readonly DoctorLink[]
}

/** Every port the server opens under this configuration. */
export function neededPorts({ dhcp, tftp, http, api, agent }: ServerConfig): readonly NeededPort[] {
  return [
    ...(dhcp.mode === 'off'
      ? []
      : [
          { port: 67, protocol: 'udp', use: 'DHCP' } as const,
          { port: 4011, protocol: 'udp', use: 'PXE boot server', isOptional: true } as const,
        ]),
    ...(tftp.enabled ? [{ port: tftp.port, protocol: 'udp', use: 'TFTP' } as const] : []),
    { port: http.port, protocol: 'tcp', use: 'boot HTTP' },
    { port: api.port, protocol: 'tcp', use: "the agents' link" },
    { port: agent.port, protocol: 'tcp', use: 'an agent, if this host is a node too', isOptional: true },
  ]
}
