import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import type { Log } from '../../../protocol/log.ts'
import { type Export, ganeshaConfig } from '../ganesha-config.ts'
import { restartAfterMs } from '../restart.ts'

/** What a ganesha is started with: what it exports, and a folder for its files that no other one uses. */
export type GaneshaOptions = {
  readonly share: Omit<Export, 'recoveryDir'>
  readonly dir: string
  readonly log: Log
}

/** Lines of ganesha's that are kept to say why it ended. */
const KEPT_LINES = 3

/**
 * Runs nfs-ganesha until `close`, and starts it again when it ends by itself; clients wait meanwhile and go on. It
 * dies with us, also by kill -9 (`setpriv --pdeathsig`). Rejects only when its folder cannot be made.
 */
export async function startGanesha({ share, dir, log }: GaneshaOptions): Promise<{ close(): Promise<void> }> {
  const recoveryDir = join(dir, 'recovery')
  const configPath = join(dir, 'ganesha.conf')
  await mkdir(recoveryDir, { recursive: true, mode: 0o700 })
  await writeFile(configPath, ganeshaConfig({ ...share, recoveryDir }), { mode: 0o600 })
  const ending = new AbortController()

  async function runOnce(): Promise<string> {
    const argv = ['ganesha.nfsd', '-F', '-L', 'STDERR', '-f', configPath, '-p', join(dir, 'ganesha.pid')]
    const child = execa('setpriv', ['--pdeathsig', 'TERM', '--', ...argv], {
      reject: false,
      buffer: false,
      stdio: ['ignore', 'ignore', 'pipe'],
      cancelSignal: ending.signal,
      killSignal: 'SIGTERM',
      forceKillAfterDelay: 5000,
    })
    const last: string[] = []
    for await (const line of child.iterable({ from: 'stderr' })) {
      log.debug({ line }, 'ganesha')
      last.push(line)
      if (last.length > KEPT_LINES) last.shift()
    }
    const { shortMessage } = await child
    return `${shortMessage ?? 'it ended'}: ${last.join(' | ')}`
  }

  async function keepRunning(): Promise<void> {
    for (let failures = 1; !ending.signal.aborted; failures += 1) {
      const startedMs = performance.now()
      const reason = await runOnce().catch(String)
      if (ending.signal.aborted) return
      if (performance.now() - startedMs > LONG_RUN_MS) failures = 1
      const waitMs = restartAfterMs(failures)
      log.error({ reason, waitMs, folder: share.folder }, 'nfs-ganesha ended; the nodes wait for their homes')
      await sleep(waitMs, undefined, { signal: ending.signal }).catch(() => undefined)
    }
  }

  const running = keepRunning()
  return {
    close: async () => {
      ending.abort()
      await running
    },
  }
}

/** After a run this long the next failure is a new one, not the next of a row. */
const LONG_RUN_MS = 60_000
