import { execa } from 'execa'
import type { Log } from '../../../protocol/log.ts'

/** A plugged NIC makes a dozen messages in a row; one look after the last of them is enough. */
const QUIET_MS = 200
/** By then `ip monitor` listens: what came before it did is found by one look more. */
const LISTENS_MS = 1000
/** Pause before `ip monitor` is started again. */
const RESTART_MS = 2000

/**
 * Calls `onChange` whenever a NIC or an address came, went or changed, as `ip monitor` tells: nothing is polled. Its
 * end is survived: it is started again, and what it may have missed counts as a change. It dies with us.
 */
export function watchAddresses(onChange: () => void, log: Log): { close(): Promise<void> } {
  let isClosing = false
  let stop = async () => {}
  let quiet: NodeJS.Timeout | undefined
  let restart: NodeJS.Timeout | undefined
  let hasWarned = false

  const lookIn = (delayMs: number) => {
    clearTimeout(quiet)
    quiet = setTimeout(onChange, delayMs)
  }
  const start = async () => {
    lookIn(LISTENS_MS)
    const monitor = execa('setpriv', ['--pdeathsig', 'TERM', '--', 'ip', 'monitor', 'link', 'address'], {
      reject: false,
      stdin: 'ignore',
      buffer: false,
      env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    })
    stop = async () => {
      monitor.kill('SIGTERM')
      await monitor
    }
    monitor.stdout.on('data', () => lookIn(QUIET_MS))
    const result = await monitor
    if (isClosing) return
    if (!hasWarned) log.warn({ reason: result.shortMessage }, 'changes of interfaces are noticed late')
    hasWarned = true
    restart = setTimeout(() => void start(), RESTART_MS)
  }
  void start()
  return {
    close: async () => {
      isClosing = true
      clearTimeout(quiet)
      clearTimeout(restart)
      await stop()
    },
  }
}
