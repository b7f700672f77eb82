import * as z from 'zod'
import { type CpuGroup, createCpuGroup } from '../net/cpu-group.ts'
import { startProgram } from '../net/program.ts'

/** What spawnload prints (test/bench/spawn/spawnload.c says what each is). */
const Load = z.object({
  failures: z.number(),
  endedInTime: z.number(),
  mostUnderWay: z.number(),
  ms: z.array(z.number()),
})

/** What came of one load, and the CPU seconds of all that ran at home for it. */
export type Load = z.output<typeof Load> & { readonly homeCpuSeconds: number }

/** Where and how a load runs. */
export type Ground = {
  /** The compiled load client. */
  readonly spawnload: string
  /** Comes before its command: the network it runs in. */
  readonly prefix: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

let groups = 0

/** Starts `command` so many times, one after the other. Rejects when one fails, with what it wrote. */
export function inTurn(ground: Ground, runs: number, command: readonly string[]): Promise<Load> {
  return load(ground, ['--runs', `${runs}`], command, 'none may fail')
}

/** Starts `command` so many times a second, whatever becomes of the others; failures are counted. */
export function atRate(
  ground: Ground,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
  command: readonly string[],
): Promise<Load> {
  return load(ground, ['--rate', `${rate}`, '--seconds', `${seconds}`], command, 'some may fail')
}

async function load(
  { spawnload, prefix, env }: Ground,
  options: readonly string[],
  command: readonly string[],
  failures: 'none may fail' | 'some may fail',
): Promise<Load> {
  groups += 1
  const group: CpuGroup = createCpuGroup(`gw-load-${process.pid}-${groups}`)
  try {
    const program = startProgram([...group.prefix, ...prefix, spawnload, ...options, '--', ...command], env)
    const told = Load.parse(JSON.parse(await program.finished()))
    if (failures === 'none may fail' && told.failures > 0) await program.until(/^\b$/, 1) // rejects with all that was written
    return { ...told, homeCpuSeconds: await group.seconds(program.pid) }
  } finally {
    group.remove()
  }
}
