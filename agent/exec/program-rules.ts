/** Where execvp(3) looks without PATH. */
const DEFAULT_PATH = '/bin:/usr/bin'
const FILE_TYPE_MASK = 0o170000
const REGULAR_FILE = 0o100000

/** The fields of stat(2) that decide about execution. */
export type FileFacts = { readonly mode: number; readonly uid: number; readonly gid: number }
/** Who wants to execute. */
export type Identity = { readonly uid: number; readonly gid: number; readonly groups: readonly number[] }

/**
 * The paths execvp(3) would try for `name`, in order. A name with a slash is itself; relative ones, and empty PATH
 * elements, are under `cwd`.
 */
export function programCandidates(name: string, path: string | undefined, cwd: string): readonly string[] {
  if (name === '') return []
  if (name.includes('/')) return [absolute(name, cwd)]
  return (path ?? DEFAULT_PATH)
    .split(':')
    .map(folder => absolute(`${folder === '' ? '.' : folder}/${name}`, cwd))
}

/** Whether the mode bits let `who` execute the file; root needs any of the three x bits (path_resolution(7)). */
export function mayExecute(file: FileFacts, who: Identity): boolean {
  if ((file.mode & FILE_TYPE_MASK) !== REGULAR_FILE) return false
  if (who.uid === 0) return (file.mode & 0o111) !== 0
  if (file.uid === who.uid) return (file.mode & 0o100) !== 0
  if (file.gid === who.gid || who.groups.includes(file.gid)) return (file.mode & 0o010) !== 0
  return (file.mode & 0o001) !== 0
}

function absolute(path: string, cwd: string): string {
  return path.startsWith('/') ? path : `${cwd}/${path}`
}
