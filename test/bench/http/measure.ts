import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { compileLoad } from '../net/compile.ts'
import { startNoise } from '../net/noise.ts'
import { createRig, type Rig } from '../net/rig.ts'
import { type Sample, turns } from '../net/turns.ts'
import { type HttpCase, httpFigures, loadHttp } from './client.ts'
import { httpServer, type Subject } from './servers.ts'

/** What is to be measured. */
export type HttpComparison = {
  readonly subjects: readonly Subject[]
  readonly runs: number
  readonly cases: readonly HttpCase[]
}

/** Size of the file: that of a root image with a desktop's worth of drivers. */
export const FILE_BYTES = 330_000_000
const LOAD_CLIENT = new URL('./httpload.c', import.meta.url).pathname

/**
 * Measures all subjects in turn, each with a fresh server in each of its turns. Throws an Error of the program that
 * failed, with its output; `signal` ends everything with an AbortError.
 */
export async function compareHttp(
  comparison: HttpComparison,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<readonly Sample[]> {
  const httpload = await compileLoad(LOAD_CLIENT)
  const rig = await createRig('gwbh')
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  stopped.catch(() => undefined)
  try {
    const file = await writeFileOfRoot(rig.folder)
    const samples: Sample[] = []
    for (const { run, subject } of turns(comparison.subjects, comparison.runs)) {
      signal.throwIfAborted()
      say(`run ${run} of ${comparison.runs}, ${subject}`)
      const turn = oneTurn({ rig, httpload, subject, file, cases: comparison.cases, say })
      for (const { name, figures } of await Promise.race([turn, stopped]))
        samples.push({ run, subject, case: name, figures })
    }
    return samples
  } finally {
    await rig.close()
  }
}

/** Made and read once before, so that every server finds it in the page cache. */
async function writeFileOfRoot(folder: string): Promise<string> {
  const path = join(folder, 'root.squashfs')
  const file = await open(path, 'w')
  const piece = Buffer.alloc(10_000_000, 'a piece of a root image ')
  for (let written = 0; written < FILE_BYTES; written += piece.length) await file.write(piece)
  await file.close()
  for await (const _ of createReadStream(path, { highWaterMark: 1 << 20 }));
  return path
}

type Turn = {
  readonly rig: Rig
  readonly httpload: string
  readonly subject: Subject
  readonly file: string
  readonly cases: readonly HttpCase[]
  readonly say: (line: string) => void
}

async function oneTurn({ rig, httpload, subject, file, cases, say }: Turn) {
  const { command, path } = await httpServer(subject, rig, file)
  const server = await rig.serve(command)
  const asked = { path, sizeBytes: FILE_BYTES }
  await loadHttp(rig, httpload, asked, { parallel: 2, repeat: 2 })
  const samples: { readonly name: string; readonly figures: Sample['figures'] }[] = []
  for (const one of cases) {
    const [noise, before] = [await startNoise(), await server.cpuSeconds()]
    const load = await loadHttp(rig, httpload, asked, one)
    const used = (await server.cpuSeconds()) - before
    const figures = httpFigures(load, FILE_BYTES, used)
    samples.push({ name: one.name, figures: { ...figures, ...(await noise(used + load.clientCpuSeconds)) } })
    say(
      `  ${one.name}: ${load.gigabytesPerSecond.toFixed(2)} GB/s, first byte p99 ${load.firstByteP99Ms.toFixed(1)} ms, ` +
        `server CPU ${figures['serverCpuSecondsPerGB']?.toFixed(3)} s/GB`,
    )
  }
  await server.stop()
  return samples
}
