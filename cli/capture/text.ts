import { formatBytes } from '../../config/values/bytes.ts'
import { formatDuration, harmless, renderTable } from '../output.ts'
import { type CaptureEvent, type DhcpEvent, endOf, type HttpEvent, type TftpEvent } from './event.ts'
import type { Explanation } from './explain.ts'

/** A pause that is worth a line of its own. */
const GAP_MS = 2000

/** A boot as a table of what happened when, pauses included, and the diagnosis below it. */
export function explanationText(boot: Explanation): string {
  const rows: string[][] = []
  let quietSinceMs = boot.startedAtMs
  for (const event of boot.events) {
    const gapMs = event.atMs - quietSinceMs
    if (gapMs >= GAP_MS) rows.push(['', '', `… ${formatDuration(gapMs)} nothing`])
    rows.push([formatDuration(event.atMs - boot.startedAtMs), nameOf(event), textOf(event)])
    quietSinceMs = Math.max(quietSinceMs, endOf(event))
  }
  const had = boot.addresses.length === 0 ? 'no address' : boot.addresses.join(', ')
  const title = `${boot.mac} (${had}), ${new Date(boot.startedAtMs).toISOString()}, ${formatDuration(boot.endedAtMs - boot.startedAtMs)}`
  const verdict =
    boot.diagnosis.length === 0
      ? 'nothing wrong to be seen in these packets'
      : boot.diagnosis.map(line => `- ${harmless(line)}`).join('\n')
  return `${title}\n${renderTable(['AT', 'WHAT', 'DETAIL'], rows)}\n\n${verdict}`
}

function nameOf(event: CaptureEvent): string {
  if (event.kind === 'dhcp') return event.bootServer ? `${event.message} (4011)` : event.message
  return event.kind === 'tftp' ? 'TFTP' : 'HTTP'
}

function textOf(event: CaptureEvent): string {
  switch (event.kind) {
    case 'dhcp':
      return event.stage === undefined ? answerText(event) : requestText(event)
    case 'tftp':
      return tftpText(event)
    case 'http':
      return httpText(event)
  }
}

function requestText({ stage, arch, from }: DhcpEvent): string {
  const who = stage === 'os' ? 'an operating system' : `${stage}, ${arch}`
  return from === '0.0.0.0' ? who : `${who}, from ${from}`
}

function answerText({ server, from, address, file, nextServer, bootOptions }: DhcpEvent): string {
  const parts = [
    `from ${server ?? from}`,
    address === '0.0.0.0' ? 'no address' : address,
    ...(file === '' ? [] : [`file ${file}`]),
    ...(nextServer === '0.0.0.0' || file === '' ? [] : [`at ${nextServer}`]),
    ...(bootOptions.length === 0 ? [] : [`options ${bootOptions.join(' ')}`]),
  ]
  return parts.join(', ')
}

function tftpText({
  file,
  agreed,
  bytes,
  repeatedBlocks,
  atMs,
  endedAtMs,
  outcome,
  error,
}: TftpEvent): string {
  const took = formatDuration(endedAtMs - atMs)
  const parts = [
    outcome === 'complete' ? `${file}, ${formatBytes(bytes)} in ${took}` : `${file}: ${outcome}`,
    ...(agreed.length === 0 ? [] : [agreed.join(' ')]),
    ...(repeatedBlocks === 0 ? [] : [`${repeatedBlocks} blocks twice`]),
    ...(error === undefined ? [] : [`"${error}"`]),
  ]
  return parts.join(', ')
}

function httpText({ request, status, bytes, atMs, endedAtMs }: HttpEvent): string {
  const shown = request.length > 70 ? `${request.slice(0, 69)}…` : request
  const took = formatDuration(endedAtMs - atMs)
  return `${shown}: ${status ?? 'no answer seen'}, ${formatBytes(bytes)} in ${took}`
}
