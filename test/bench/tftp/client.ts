import * as z from 'zod'
import type { Rig } from '../net/rig.ts'
import { type Figures, rounded } from '../stats.ts'
import { BLOCK_SIZE_BYTES, CLIENT_TIMEOUT_MS, type TftpCase } from './cases.ts'
import { nameOf } from './servers.ts'

/** The line of tftpload (test/bench/tftp/tftpload.c says what each is). */
const Load = z.object({
  blockSizeBytes: z.number(),
  windowSize: z.number(),
  seconds: z.number(),
  transfers: z.number(),
  megabytesPerSecond: z.number(),
  transfersPerSecond: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
  timeouts: z.number(),
  gaps: z.number(),
  repeatedBlocks: z.number(),
  droppedBlocks: z.number(),
  failures: z.number(),
  firstFailure: z.string().nullable(),
  clientCpuSeconds: z.number(),
})
/** What came of one load. */
export type Load = z.output<typeof Load>

/** Runs the compiled client for one case; throws an Error when a transfer failed. */
export async function loadTftp(
  rig: Pick<Rig, 'client' | 'serverAddress'>,
  tftpload: string,
  file: string,
  { parallel, windowSize, rttUs, lossPpm, amount }: Omit<TftpCase, 'name'>,
): Promise<Load> {
  const options: Readonly<Record<string, string | number>> = {
    ...{ host: rig.serverAddress, file: nameOf(file), reference: file },
    ...{ blksize: BLOCK_SIZE_BYTES, window: windowSize, parallel },
    ...{ 'rtt-us': rttUs, 'loss-ppm': lossPpm, 'timeout-ms': CLIENT_TIMEOUT_MS, ...amount },
  }
  const argv = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`])
  const load = Load.parse(JSON.parse(await rig.client([tftpload, ...argv]).finished()))
  if (load.failures > 0) throw new Error(`${load.failures} transfers failed: ${load.firstFailure}`)
  return load
}

/** The figures that are published. `fileBytes` were delivered by each transfer. */
export function tftpFigures(load: Load, fileBytes: number, serverCpuSeconds: number): Figures {
  const { firstFailure, seconds, clientCpuSeconds, ...figures } = load
  const gigabytes = (load.transfers * fileBytes) / 1e9
  return {
    ...figures,
    serverCpuSecondsPerGB: rounded(serverCpuSeconds / gigabytes),
    clientCpuSecondsPerGB: rounded(clientCpuSeconds / gigabytes),
  }
}
