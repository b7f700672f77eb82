import type { StageName } from '../../../protocol/boot.ts'
import type { BootRecord } from '../../../protocol/node.ts'
import { type Figures, rounded } from '../stats.ts'

/** Stages that the machine itself tells, whoever served it. */
const TOLD: Readonly<Partial<Record<StageName, string>>> = {
  'initrd-start': 'secondsToInitrd',
  'root-verified': 'secondsToRootVerified',
  'agent-start': 'secondsToAgent',
}

/** Seconds from power-on to each stage and to `ready`; `undefined` for a boot that is not ready. */
export function stageFigures(boot: BootRecord, poweredOnAtMs: number): Figures | undefined {
  if (boot.readyAt === null) return undefined
  const sincePower = (atMs: number) => rounded((atMs - poweredOnAtMs) / 1000)
  const stages = boot.stages.flatMap(({ name, atMs }) => {
    const figure = TOLD[name]
    return figure === undefined ? [] : [[figure, sincePower(boot.startedAt + atMs)] as const]
  })
  return { ...Object.fromEntries(stages), secondsToReady: sincePower(boot.readyAt) }
}
