import type { Home } from '../../config/home.ts'

/** What this host has to serve NFS with. */
export type HomeFacts = {
  /** Threads of the kernel's NFS server: /proc/fs/nfsd/threads; 0 where none runs. */
  readonly nfsdThreads: number
  readonly hasExportfs: boolean
  readonly hasGanesha: boolean
  /** Whether we are root of the whole host: root of a user namespace may open no file by its NFS handle. */
  readonly isRoot: boolean
  readonly hasFolder: boolean
}

/** Who serves the home folder, and where it is and will be seen; or why nobody does. */
export type HomePlan =
  | { readonly kind: 'off' }
  | { readonly kind: 'kernel' | 'ganesha'; readonly folder: string; readonly at: string }
  | { readonly kind: 'impossible'; readonly reason: string }

/** Chooses the NFS server. `auto` takes the kernel's only where it runs: ours would find the port taken. */
export function planHome(home: Home, facts: HomeFacts): HomePlan {
  const { folder, at = folder, mode } = home
  if (mode === 'off') return { kind: 'off' }
  if (!facts.isRoot) return impossible('only root of the host can serve files by NFS')
  if (!facts.hasFolder) return impossible(`there is no folder ${folder}`)
  const isKernel = mode === 'kernel' || (mode === 'auto' && facts.nfsdThreads > 0)
  if (!isKernel)
    return facts.hasGanesha
      ? { kind: 'ganesha', folder, at }
      : impossible('ganesha.nfsd is missing (packages nfs-ganesha and nfs-ganesha-vfs)')
  if (facts.nfsdThreads === 0) return impossible("this host's NFS server does not run (nfs-server.service)")
  if (!facts.hasExportfs) return impossible('exportfs is missing (package nfs-kernel-server)')
  if (at !== folder)
    return impossible(`the kernel shows ${folder} under its own name only; leave home.at out, or use ganesha`)
  return { kind: 'kernel', folder, at }
}

function impossible(reason: string): HomePlan {
  return { kind: 'impossible', reason }
}
