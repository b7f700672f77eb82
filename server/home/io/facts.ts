import { access, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { HomeFacts } from '../plan.ts'

/** The line of /proc/self/uid_map of a process in no user namespace but the first (user_namespaces(7)). */
const WHOLE_HOST = /^\s*0\s+0\s+4294967295\s*$/m

/** What this host has to serve `folder` by NFS with. */
export async function readHomeFacts(folder: string): Promise<HomeFacts> {
  const text = (path: string) => readFile(path, 'utf8').catch(() => '')
  const [threads, uidMap, hasExportfs, hasGanesha, hasFolder] = await Promise.all([
    text('/proc/fs/nfsd/threads'),
    text('/proc/self/uid_map'),
    isProgram('exportfs'),
    isProgram('ganesha.nfsd'),
    stat(folder).then(
      found => found.isDirectory(),
      () => false,
    ),
  ])
  const isRoot = process.geteuid?.() === 0 && WHOLE_HOST.test(uidMap)
  return { nfsdThreads: Number(threads) || 0, hasExportfs, hasGanesha, isRoot, hasFolder }
}

async function isProgram(name: string): Promise<boolean> {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
  const found = await Promise.all(
    folders.map(folder =>
      access(join(folder, name)).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.includes(true)
}
