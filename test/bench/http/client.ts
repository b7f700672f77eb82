import * as z from 'zod'
import type { Rig } from '../net/rig.ts'
import { type Figures, rounded } from '../stats.ts'
import { HTTP_PORT } from './servers.ts'

/** Downloads at once, and how many such rounds: one download alone is over in a moment. */
export type HttpCase = { readonly name: string; readonly parallel: number; readonly repeat: number }

/** All cases; `quick` leaves out the longest. */
export function httpCases(quick: boolean): readonly HttpCase[] {
  const one = { name: 'p1', parallel: 1, repeat: 4 }
  const some = { name: 'p16', parallel: 16, repeat: 1 }
  return quick ? [one, some] : [one, some, { name: 'p64', parallel: 64, repeat: 1 }]
}

/** The line of httpload (test/bench/http/httpload.c says what each is). */
const Load = z.object({
  downloads: z.number(),
  seconds: z.number(),
  gigabytesPerSecond: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
  firstByteP50Ms: z.number(),
  firstByteP99Ms: z.number(),
  firstByteMaxMs: z.number(),
  failures: z.number(),
  firstFailure: z.string().nullable(),
  clientCpuSeconds: z.number(),
})
/** What came of one load. */
export type Load = z.output<typeof Load>

/** Runs the compiled client for one case; throws an Error when a download failed. */
export async function loadHttp(
  rig: Pick<Rig, 'client' | 'serverAddress'>,
  httpload: string,
  file: { readonly path: string; readonly sizeBytes: number },
  { parallel, repeat }: Omit<HttpCase, 'name'>,
): Promise<Load> {
  const options: Readonly<Record<string, string | number>> = {
    ...{ host: rig.serverAddress, port: HTTP_PORT, path: file.path, bytes: file.sizeBytes },
    ...{ parallel, repeat },
  }
  const argv = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`])
  const load = Load.parse(JSON.parse(await rig.client([httpload, ...argv]).finished()))
  if (load.failures > 0) throw new Error(`${load.failures} downloads failed: ${load.firstFailure}`)
  return load
}

/** The figures that are published. */
export function httpFigures(load: Load, fileBytes: number, serverCpuSeconds: number): Figures {
  const { firstFailure, seconds, clientCpuSeconds, ...figures } = load
  const gigabytes = (load.downloads * fileBytes) / 1e9
  return {
    ...figures,
    serverCpuSecondsPerGB: rounded(serverCpuSeconds / gigabytes),
    clientCpuSecondsPerGB: rounded(clientCpuSeconds / gigabytes),
  }
}
