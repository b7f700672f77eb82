import type { NodeView } from '../../protocol/node.ts'
import type { DemoProcess } from './demo-process.ts'

/** What the demo saw. */
export type DemoFindings = {
  readonly image: { readonly digest: string; readonly sizeBytes: number; readonly seconds: number }
  readonly nodes: readonly NodeView[]
  readonly process: DemoProcess
}

/** The document of `npm run lab -- --once --json` (design §5); fields may be added, never renamed. */
export function demoReport({ image, nodes, process }: DemoFindings) {
  const { record } = process
  return {
    image: { digest: image.digest, sizeBytes: image.sizeBytes },
    nodes: nodes.map(node => ({
      id: node.id,
      name: node.name,
      state: node.state,
      firmware: node.firmware,
      image: node.image,
      hardware: node.hardware,
      speed: node.speed,
      boot: { stages: node.boot.stages },
    })),
    processes: [
      {
        id: record.id,
        command: record.command,
        node: record.node,
        nodeName: record.nodeName,
        threads: record.usage?.peakThreads ?? 0,
        placements: record.placements,
        exitStatus: record.ending?.exitStatus ?? null,
        stdout: process.stdout,
      },
    ],
    seconds: {
      imageBuild: image.seconds,
      bootBios: bootSeconds(nodes, 'bios'),
      bootUefi: bootSeconds(nodes, 'uefi'),
    },
  }
}

/** Seconds from the first packet of this boot to `ready`; `null` when no node has this firmware. */
function bootSeconds(nodes: readonly NodeView[], firmware: 'bios' | 'uefi'): number | null {
  const boot = nodes.find(node => node.firmware === firmware)?.boot
  return boot?.readyAt == null ? null : (boot.readyAt - boot.startedAt) / 1000
}
