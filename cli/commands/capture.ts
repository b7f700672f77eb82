import { type Command, InvalidArgumentError } from 'commander'
import { Mac } from '../../config/values/mac.ts'
import { ServerStatus } from '../../protocol/admin.ts'
import { GodwitError } from '../../protocol/errors.ts'
import { NodeView } from '../../protocol/node.ts'
import { openAdmin } from '../admin-socket.ts'
import { withSignal } from '../interrupt.ts'
import { say } from '../output.ts'

type CaptureFlags = {
  interface?: string
  seconds?: number
  output?: string
  full?: boolean
  explain?: string
  json?: boolean
}

/** `godwit capture`: the packets of one machine's boot, and what they mean. */
export function addCapture(program: Command): void {
  program
    .command('capture')
    .argument('[machine]', 'MAC, or name or id as in `godwit nodes`')
    .description('record the packets of one machine and nothing else, then tell what happened in them')
    .option('-i, --interface <name>', "where the machine is (default: the running server's)")
    .option('-s, --seconds <n>', 'stop after so many seconds (default: at ^C)', seconds)
    .option('-o, --output <file>', 'capture file (default: MAC.pcap)')
    .option('--full', 'with all of every download; a boot is then as large as the image')
    .option('--explain <file>', 'tell what happened in a capture file (pcap or pcapng) and capture nothing')
    .option('--json', 'what happened as one JSON array, an element for each machine')
    .addHelpText(
      'after',
      '\nExamples:\n  sudo godwit capture 52:54:00:12:34:56\n  sudo godwit capture node-677701 --seconds 90 -o boot.pcap\n  godwit capture --explain boot.pcap\n  godwit capture --explain boot.pcap --json',
    )
    .action(async (machine: string | undefined, flags: CaptureFlags, command: Command) => {
      const recorded = () =>
        machine === undefined
          ? command.error('error: which machine? give its MAC or name, or --explain FILE')
          : record(program, machine, flags)
      const file = flags.explain ?? (await recorded())
      const { explainFile } = await import('../capture/explain-file.ts')
      await explainFile(file, flags)
    })
}

/** At most a day: a longer time is a mistake, and no timer goes beyond 24 of them. */
function seconds(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) > 0) return Number(text)
  throw new InvalidArgumentError(`"${text}" is not a number of seconds from 1 to 99999`)
}

async function record(program: Command, machine: string, flags: CaptureFlags): Promise<string> {
  const mac = await macOf(program, machine)
  const name = flags.interface ?? (await servedInterface(program))
  const file = flags.output ?? `${mac.replaceAll(':', '-')}.pcap`
  const { runTcpdump } = await import('../capture/io/tcpdump.ts')
  const limit = flags.seconds === undefined ? 'until ^C' : `for ${flags.seconds} s`
  let packets = 0
  await withSignal(async signal => {
    const timer = flags.seconds === undefined ? [] : [AbortSignal.timeout(flags.seconds * 1000)]
    await runTcpdump({
      mac,
      interface: name,
      file,
      full: flags.full ?? false,
      signal: AbortSignal.any([signal, ...timer]),
      onListening: () => say(`capturing ${mac} on ${name} into ${file} ${limit}; switch the machine on now`),
      onPackets: count => {
        packets = count
        if (process.stderr.isTTY) process.stderr.write(`\r${packets} packets `)
      },
    })
  })
  if (process.stderr.isTTY) process.stderr.write('\n')
  return file
}

async function macOf(program: Command, machine: string): Promise<Mac> {
  const mac = Mac.safeParse(machine)
  if (mac.success) return mac.data
  const path = `/v1/nodes/${encodeURIComponent(machine)}`
  return (await (await openAdmin(program)).get(path, NodeView)).mac
}

async function servedInterface(program: Command): Promise<string> {
  const { links } = await (await openAdmin(program)).get('/v1/status', ServerStatus)
  const names = links.map(link => link.interface)
  const [only] = names
  if (only !== undefined && names.length === 1) return only
  const message = `the server serves ${names.join(', ') || 'no interface'}; name one with --interface`
  throw new GodwitError('GW_NO_INTERFACE', message)
}
