import type { BootRecord } from '../protocol/node.ts'
import { formatDuration, renderTable } from './output.ts'

/** One boot as a table: time since power-on was first seen, time since the stage before, stage, detail. */
export function timelineText(boot: BootRecord): string {
  const rows = boot.stages.map((stage, index) => {
    const before = boot.stages[index - 1]?.atMs ?? 0
    return [
      formatDuration(stage.atMs),
      `+${formatDuration(stage.atMs - before)}`,
      stage.name,
      stage.detail ?? '',
    ]
  })
  const total =
    boot.readyAt === null ? 'not ready yet' : `ready after ${formatDuration(boot.readyAt - boot.startedAt)}`
  const title = `boot of ${new Date(boot.startedAt).toISOString()} (${boot.firmware ?? 'firmware unknown'}), ${total}`
  return `${title}\n${renderTable(['AT', 'TOOK', 'STAGE', 'DETAIL'], rows)}`
}
