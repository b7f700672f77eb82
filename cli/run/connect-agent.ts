import { existsSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { openLabRelay } from '../../lab/io/relay.ts'
import { labRelayBeside } from '../../lab/paths.ts'
import type { RunGrant } from '../../protocol/admin.ts'
import { hostIdentity } from '../../server/io/host-identity.ts'
import { connectDirect, secure, type WayOptions } from '../../streams/io/connect.ts'
import type { AdminClient } from '../admin-client.ts'

/** How long the direct way to an agent may take before the relay is tried. */
const DIRECT_TIMEOUT_MS = 3000
/** The same for each half of the way through a relay, the relay's and the agent's: there is no third way. */
const RELAY_TIMEOUT_MS = 10_000

/**
 * Straight to the agent. On the server's own host but in another network namespace (outside a lab) its addresses mean
 * something else, so only a relay is right: the lab's, which outlives the server, or else the server's. Elsewhere the
 * server's relay is the second try. Rejects when no way opens in time, or with the reason of `signal`.
 */
export async function connectAgent(
  socketPath: string,
  client: AdminClient,
  grant: RunGrant,
  signal: AbortSignal,
): Promise<Duplex> {
  const relay = { timeoutMs: RELAY_TIMEOUT_MS, signal }
  const here = hostIdentity()
  const otherNetwork =
    here.hostBootId === grant.server.hostBootId && here.netNamespace !== grant.server.netNamespace
  if (otherNetwork) return secure(await relayed(socketPath, client, grant, relay), grant, relay)
  try {
    return await connectDirect(grant, { timeoutMs: DIRECT_TIMEOUT_MS, signal })
  } catch {
    signal.throwIfAborted()
    return secure(await client.relay(grant.node.id, relay), grant, relay)
  }
}

async function relayed(
  socketPath: string,
  client: AdminClient,
  grant: RunGrant,
  relay: WayOptions,
): Promise<Duplex> {
  const relaySocket = labRelayBeside(socketPath)
  if (!existsSync(relaySocket)) return client.relay(grant.node.id, relay)
  return openLabRelay(relaySocket, grant.node.address, grant.node.port)
}
