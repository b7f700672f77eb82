import { execa } from 'execa'
import type { Mac } from '../../../config/values/mac.ts'
import { GodwitError } from '../../../protocol/errors.ts'
import { captureFilter } from '../filter.ts'

/** What to capture: one machine on one interface into one file, until `signal` aborts. */
export type CaptureOrder = {
  readonly mac: Mac
  readonly interface: string
  readonly file: string
  /** With all of every download, not only its beginning. */
  readonly full: boolean
  readonly signal: AbortSignal
  /** Called once, when packets are being recorded. */
  readonly onListening: () => void
  readonly onPackets: (count: number) => void
}

/** Room for about a thousand packets that tcpdump did not get to read yet. */
const BUFFER_KIB = 65_536
const COUNT_LINE = /Got (\d+)/

/**
 * Runs tcpdump until the signal aborts; the file is whole then. Throws GW_NOT_PERMITTED, GW_NO_INTERFACE, or
 * GW_CAPTURE with what tcpdump said.
 */
export async function runTcpdump(order: CaptureOrder): Promise<void> {
  // Immediate mode: what the kernel still holds back at the end would be missing from the file. It gives each packet
  // room for the largest, 32 of them in the usual 2 MiB: on a busy host a window of TFTP data overran that.
  const args = [
    '--immediate-mode',
    '-B',
    String(BUFFER_KIB),
    '-i',
    order.interface,
    '-w',
    order.file,
    '-U',
    '-s',
    '0',
    '-n',
    '-v',
    '-Z',
    'root',
  ]
  const tcpdump = ['tcpdump', ...args, captureFilter(order.mac, order.full)]
  // pdeathsig ends it however we end. execa's own clean-up would end *us* at ^C, before the summary.
  const child = execa('setpriv', ['--pdeathsig', 'TERM', '--', ...tcpdump], {
    reject: false,
    cleanup: false,
    stdin: 'ignore',
    buffer: { stderr: true, stdout: false },
    maxBuffer: 100_000,
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  })
  child.stderr.on('data', chunk => {
    if (/listening on/.test(String(chunk))) order.onListening()
    const count = COUNT_LINE.exec(String(chunk))?.[1]
    if (count !== undefined) order.onPackets(Number(count))
  })
  // TERM, so that tcpdump writes out what it has; the ^C that people type reaches it as well, which does no harm.
  const stop = () => child.kill('SIGTERM')
  order.signal.addEventListener('abort', stop, { once: true })
  if (order.signal.aborted) stop()
  const result = await child
  order.signal.removeEventListener('abort', stop)
  if (!order.signal.aborted) throw explain(result.stderr, order.interface, result.cause)
}

function explain(stderr: string, name: string, cause: unknown): GodwitError {
  const said = stderr.trim().split('\n').at(-1) ?? ''
  if (/permission|Operation not permitted/i.test(stderr))
    return new GodwitError('GW_NOT_PERMITTED', `this user may not capture on ${name}; run it as root`)
  if (/No such device/i.test(stderr))
    return new GodwitError('GW_NO_INTERFACE', `there is no interface ${name}`)
  if (said === '' || /setpriv/.test(said))
    return new GodwitError('GW_CAPTURE', 'tcpdump could not be started; install the package tcpdump', {
      cause,
    })
  return new GodwitError('GW_CAPTURE', `tcpdump ended: ${said}`, { cause })
}
