import { constants } from 'node:os'
import type { Ending } from '../../protocol/process.ts'

/** Signals whose default action dumps core, or USR1, at which Node opens its debugger: dying of them would not do. */
const STATUS_ONLY = new Set([
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGSEGV',
  'SIGSYS',
  'SIGUSR1',
])

/**
 * Ends this program as the process ended: same status, or death by the same signal, so that a shell sees no
 * difference. Signals that would not just end us become 128 + number, which is what a shell reports for them.
 */
export async function endLike(ending: Ending): Promise<void> {
  if (ending.signal === null) {
    process.exitCode = ending.exitStatus ?? 1
    return
  }
  const number = constants.signals[ending.signal as NodeJS.Signals] ?? 0
  process.exitCode = 128 + number
  if (STATUS_ONLY.has(ending.signal) || number === 0) return
  process.removeAllListeners(ending.signal)
  await new Promise<void>(resolve => process.stdout.write('', () => resolve()))
  process.kill(process.pid, ending.signal as NodeJS.Signals)
}
