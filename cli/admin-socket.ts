import type { Command } from 'commander'
import { labStatus } from '../lab/io/read-status.ts'
import { type AdminClient, adminClient } from './admin-client.ts'
import { ADMIN_SOCKET, LAB_DIR } from './paths.ts'

/** The socket to talk to: `--socket`, `GODWIT_SOCKET`, that of this clone's running lab, that of the local server. */
export async function findAdminSocket(program: Command): Promise<string> {
  const named = program.opts<{ socket?: string }>().socket ?? process.env['GODWIT_SOCKET']
  if (named !== undefined) return named
  const lab = await labStatus({ labDir: LAB_DIR }).catch(() => undefined)
  return lab?.state === 'up' && lab.adminSocket !== null ? lab.adminSocket : ADMIN_SOCKET
}

/** A client for the server that {@link findAdminSocket} finds. */
export async function openAdmin(program: Command): Promise<AdminClient> {
  return adminClient(await findAdminSocket(program))
}
