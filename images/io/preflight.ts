import { userInfo } from 'node:os'
import { execa } from 'execa'
import { GodwitError } from '../../protocol/errors.ts'
import { asRootArgv } from '../namespace.ts'

/**
 * Checks, before a step is begun, that this user can act as root over the tree. Throws GW_IMAGE_BUILD with what is
 * missing and how to get it.
 */
export async function checkAsRoot(isRoot: boolean): Promise<void> {
  const [command, ...options] = asRootArgv(isRoot)
  const { failed, stderr, shortMessage } = await execa(command, [...options, '--', 'true'], { reject: false })
  if (!failed) return
  const user = userInfo().username
  const reason = String(stderr || shortMessage).replace(/^unshare: |: Success$/g, '')
  throw new GodwitError(
    'GW_IMAGE_BUILD',
    `${user} cannot build an image here (${reason}); build it as root, or allow user namespaces and give ${user} ids of ` +
      `its own, e.g. sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user}`,
  )
}
