import { execa } from 'execa'
import type { Log } from '../../../protocol/log.ts'
import { EXPORT_OPTIONS } from '../exportfs.ts'

/**
 * Adds `exports` to those of this host's NFS server, and takes them back at the end. Never rejects: what fails is
 * logged, and nodes work without home.
 */
export async function exportByKernel(
  exports: readonly string[],
  log: Log,
): Promise<{ close(): Promise<void> }> {
  const exportfs = async (args: readonly string[]): Promise<void> => {
    const { failed, stderr, shortMessage } = await execa('exportfs', args, {
      reject: false,
      stdin: 'ignore',
      env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    })
    if (failed)
      log.error({ exports, reason: stderr.trim() || shortMessage }, 'exportfs failed: nodes have no home')
  }
  await exportfs(['-o', EXPORT_OPTIONS, ...exports])
  return { close: () => exportfs(['-u', ...exports]) }
}
