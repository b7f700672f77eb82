import { constants } from 'node:fs'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import * as z from 'zod'
import type { LabConfig } from '../../config/lab.ts'
import { AccelChoice, type AccelFacts, choiceAfterProbe, decideAccel, type ProbeOutcome } from '../accel.ts'
import { PROBE_EXIT_STATUS, probeArgs, probeSector } from '../boot-probe.ts'
import { QEMU } from '../machine.ts'
import { errorCode } from './record-file.ts'

const PROBE_LIMIT_MS = 5000

const Cache = z.strictObject({ bootId: z.string(), choice: AccelChoice })

/**
 * The accelerator for this host: decided from facts, else by booting a probe guest (5 s at the most). A probe's
 * result is kept in `cachePath` and holds until the host boots again.
 */
export async function chooseAccel(asked: LabConfig['accel'], cachePath: string): Promise<AccelChoice> {
  const decision = decideAccel(asked, await hostFacts())
  if (decision.kind === 'decided') return decision.choice
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  const cached = await readCache(cachePath)
  if (cached?.bootId === bootId) return cached.choice
  const choice = choiceAfterProbe(await bootProbe(probeArgs))
  await writeFile(cachePath, JSON.stringify({ bootId, choice } satisfies z.output<typeof Cache>))
  return choice
}

/** Boots the probe guest with QEMU arguments made for its image; tells how far it came. */
export async function bootProbe(
  argsFor: (imagePath: string) => readonly string[],
  limitMs = PROBE_LIMIT_MS,
): Promise<ProbeOutcome> {
  const image = join(await mkdtemp(join(tmpdir(), 'godwit-probe-')), 'probe.img')
  const startMs = performance.now()
  try {
    await writeFile(image, probeSector())
    const result = await execa(QEMU, argsFor(image), {
      reject: false,
      timeout: limitMs,
      killSignal: 'SIGKILL',
      stdin: 'ignore',
    })
    const elapsedMs = performance.now() - startMs
    if (result.exitCode === PROBE_EXIT_STATUS) return { kind: 'booted', elapsedMs }
    if (result.timedOut) return { kind: 'hung', elapsedMs }
    return { kind: 'failed', message: result.stderr.trim() || `QEMU ended with status ${result.exitCode}` }
  } finally {
    await rm(dirname(image), { recursive: true, force: true })
  }
}

async function hostFacts(): Promise<AccelFacts> {
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8')
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK)
    return { cpuinfo, kvmDevice: 'usable' }
  } catch (error) {
    return { cpuinfo, kvmDevice: errorCode(error) === 'ENOENT' ? 'missing' : 'denied' }
  }
}

async function readCache(path: string): Promise<z.output<typeof Cache> | undefined> {
  try {
    return Cache.safeParse(JSON.parse(await readFile(path, 'utf8'))).data
  } catch {
    // No cache, or a broken one: probing again is all it costs.
    return undefined
  }
}
