import { type FSWatcher, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

/** How long the files must be left alone before they are read: useradd writes four of them in a row. */
const SETTLE_MS = 200

/** Both files' texts; '' for one that is not there. */
export async function readUserFiles(passwd: string, group: string): Promise<readonly [string, string]> {
  const text = (path: string) =>
    readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
  return [await text(passwd), await text(group)]
}

/** Calls `onChange` after one of `paths` changed or was replaced. Their folders are watched, for rename replaces. */
export function watchFiles(
  paths: readonly string[],
  onChange: () => void,
  onError: (error: Error) => void,
): { close(): void } {
  let timer: NodeJS.Timeout | undefined
  const names = new Set(paths.map(path => basename(path)))
  const watchers: FSWatcher[] = []
  for (const folder of new Set(paths.map(path => dirname(path)))) {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name !== null && !names.has(name)) return
        clearTimeout(timer)
        timer = setTimeout(onChange, SETTLE_MS)
      })
      watcher.on('error', onError)
      watchers.push(watcher)
    } catch (error) {
      onError(error as Error)
    }
  }
  return {
    close: () => {
      clearTimeout(timer)
      for (const watcher of watchers) watcher.close()
    },
  }
}
