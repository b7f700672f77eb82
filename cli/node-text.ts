import { formatBytes } from '../config/values/bytes.ts'
import type { Hardware } from '../protocol/hardware.ts'
import type { HomeState } from '../protocol/home.ts'
import type { NodeView } from '../protocol/node.ts'
import { formatDuration } from './output.ts'

/** One machine as lines `label  value` for `godwit node show`. */
export function describeNode(node: NodeView): string {
  const lines: [string, string][] = [
    ['name', `${node.name} (${node.id})`],
    ['state', node.reason ? `${node.state}: ${node.reason}` : node.state],
    ['address', `${node.ip ?? 'none'}, MAC ${node.mac}`],
    ['image', node.image?.digest ?? 'unknown'],
    ['boot', bootText(node)],
    ...(node.hardware ? hardwareLines(node.hardware) : []),
    ...(node.speed
      ? [
          [
            'speed',
            `${node.speed.single.toFixed(2)} one thread, ${node.speed.all.toFixed(2)} all threads`,
          ] as [string, string],
        ]
      : []),
    ...loadLines(node),
    ...(node.home ? [['home', homeText(node.home)] as [string, string]] : []),
    ['processes', String(node.processes)],
  ]
  const width = Math.max(...lines.map(([label]) => label.length))
  return lines.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n')
}

function homeText({ folder, reason, state }: HomeState): string {
  return state === 'mounted'
    ? `${folder} is the server's`
    : `${folder} is not the server's: ${reason ?? 'unknown'}`
}

function bootText(node: NodeView): string {
  const { readyAt, startedAt, stages } = node.boot
  const how = node.firmware ?? 'unknown firmware'
  if (readyAt === null) return `${how}, last stage ${stages.at(-1)?.name ?? 'none'}`
  return `${how}, ready in ${formatDuration(readyAt - startedAt)} at ${new Date(readyAt).toISOString()}`
}

function hardwareLines(hardware: Hardware): [string, string][] {
  const { board, cpu, disks, firmware, memory, nics, system } = hardware
  const modules = memory.modules
    .map(module => `${formatBytes(module.sizeBytes)} ${module.type}`.trim())
    .join(', ')
  return [
    ['system', join(system.vendor, system.model, system.serial && `serial ${system.serial}`)],
    ['board', join(board.vendor, board.model, board.serial && `serial ${board.serial}`)],
    ['firmware', join(firmware.kind, firmware.vendor, firmware.version, firmware.date)],
    ['cpu', `${join(cpu.vendor, cpu.model)}, ${cpu.cores} cores, ${cpu.threads} threads, ${cpu.mhz} MHz`],
    ['memory', modules ? `${formatBytes(memory.totalBytes)} (${modules})` : formatBytes(memory.totalBytes)],
    ...disks.map((disk): [string, string] => [
      'disk',
      `${disk.name} ${formatBytes(disk.sizeBytes)} ${join(disk.kind, disk.model)}`,
    ]),
    ...nics.map((nic): [string, string] => [
      'nic',
      `${nic.name} ${nic.mac} ${join(nic.driver, nic.ip ?? '', nic.carrier ? 'link up' : 'no link')}`,
    ]),
    ['kernel', hardware.kernel],
    ...(hardware.missingTools.length > 0
      ? [['missing', hardware.missingTools.join(', ')] as [string, string]]
      : []),
  ]
}

function loadLines(node: NodeView): [string, string][] {
  if (node.load === null) return []
  const { cpuBusy, memoryAvailableBytes, runnable, uptimeSeconds } = node.load
  const busy = `${Math.round(cpuBusy * 100)} % busy, ${runnable} runnable, ${formatBytes(memoryAvailableBytes)} free`
  return [['load', `${busy}, up ${formatDuration(uptimeSeconds * 1000)}`]]
}

function join(...parts: readonly string[]): string {
  return parts.filter(part => part !== '').join(' ') || 'not told by the machine'
}
