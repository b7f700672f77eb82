import { join } from 'node:path'
import { nodeProgram, type Protocol } from './campaign.ts'
import { destinationFlaw } from './dhcp/destination-rules.ts'

const HTTP_PORT = '7080'
const SERVING = /"serving":\s*true/
const program = (path: string) => new URL(path, import.meta.url)

/** The protocols that are fuzzed over the wire. */
export const PROTOCOLS: readonly Protocol[] = [
  {
    name: 'dhcp',
    server: rig => ({
      argv: nodeProgram(
        program('./dhcp/server-main.ts'),
        ...[join(rig.folder, 'db'), rig.serverDevice, `${rig.serverAddress}/${rig.prefixLength}`],
      ),
      ready: SERVING,
    }),
    client: (_rig, seed) => nodeProgram(program('./dhcp/client-main.ts'), `${seed}`),
    destinationFlaw,
  },
  {
    name: 'tftp',
    server: rig => ({
      argv: nodeProgram(program('./tftp/server-main.ts'), rig.serverAddress),
      ready: SERVING,
    }),
    client: (_rig, seed) => nodeProgram(program('./tftp/client-main.ts'), `${seed}`),
    clientAddresses: [...range('10.96.1.', 12), ...range('10.96.2.', 2)],
  },
  {
    name: 'http',
    server: rig => ({
      argv: nodeProgram(program('./http/server-main.ts'), rig.serverAddress, HTTP_PORT, rig.folder),
      ready: SERVING,
    }),
    client: (_rig, seed) => nodeProgram(program('./http/client-main.ts'), HTTP_PORT, `${seed}`),
  },
]

function range(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`)
}
