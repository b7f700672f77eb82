import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import type { LabStatus } from '../../lab/status.ts'
import { godwit } from '../e2e/godwit.ts'
import type { JobSize } from './job-size.ts'
import { LEAN_JVM } from './lean-jvm.ts'

const SOURCE = fileURLToPath(new URL('Job.java', import.meta.url))
/** Where the jars are on each node: in its RAM, as all of it is. */
const FOLDER = '/tmp/godwit-jobs'

/** What is typed to run such a process on a node that has it. */
export function jobCommand({ program, heapMiB, touchMiB, threads, seconds }: JobSize): readonly string[] {
  const flags = [`-Xmx${heapMiB}m`, ...LEAN_JVM]
  return ['java', ...flags, '-jar', `${FOLDER}/${program}.jar`, `${touchMiB}`, `${threads}`, `${seconds}`]
}

/**
 * Compiles Job.java here and puts it on each node, under the name of each program: learning tells programs apart by
 * their jars. Throws with what a node said when one does not take it.
 */
export async function installJob(
  lab: LabStatus,
  nodeNames: readonly string[],
  programs: readonly string[],
): Promise<void> {
  const stdin = (await jarOfJob()).toString('base64')
  const script = `mkdir -p ${FOLDER} && cd ${FOLDER} && base64 -d >all && for name; do cp all $name.jar; done`
  await Promise.all(
    nodeNames.map(async name => {
      const shell = ['sh', '-c', script, 'install', ...programs]
      const end = await godwit(lab, ['run', '--on', name, '--', ...shell], { stdin })
      if (end.status !== 0) throw new Error(`${name} did not take Job.java: ${end.stderr}`)
    }),
  )
}

async function jarOfJob(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'godwit-job-'))
  const jar = join(folder, 'job.jar')
  try {
    // Any Java that the nodes' may be newer than.
    await execa('javac', ['--release', '17', '-d', folder, SOURCE])
    await execa('jar', ['--create', '--file', jar, '--main-class', 'Job', '-C', folder, 'Job.class'])
    return await readFile(jar)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
