import { join } from 'node:path'
import { nodeProgram, type Protocol } from './campaign.ts'

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
  },
]
