import { readFile } from 'node:fs/promises'
import { formatBytes } from '../../config/values/bytes.ts'
import { GodwitError } from '../../protocol/errors.ts'
import { printJson, say } from '../output.ts'
import { explainCapture } from './explain.ts'
import { readPcap } from './pcap.ts'
import { isPcapng, readPcapng } from './pcapng.ts'
import { explanationText } from './text.ts'

/** Prints what happened in a capture file (pcap or pcapng). Throws GW_CAPTURE when it cannot be read. */
export async function explainFile(file: string, options: { readonly json?: boolean }): Promise<void> {
  const boots = explainCapture(await framesOf(file))
  if (options.json) return printJson(boots)
  const none = 'no DHCP in these packets: no boot to tell of'
  process.stdout.write(`${boots.map(explanationText).join('\n\n') || none}\n`)
}

async function framesOf(file: string) {
  const bytes = await readFile(file).catch(cause => {
    throw new GodwitError('GW_CAPTURE', `${file} cannot be read: ${(cause as Error).message}`, { cause })
  })
  const read = isPcapng(bytes) ? readPcapng(bytes) : readPcap(bytes)
  if (read.kind === 'unreadable') throw new GodwitError('GW_CAPTURE', `${file}: ${read.reason}`)
  if (read.isCutOff) say(`${file} ends in the middle of a packet; what is before it is shown`)
  say(`${read.frames.length} packets in ${file} (${formatBytes(bytes.length)})`)
  return read.frames
}
