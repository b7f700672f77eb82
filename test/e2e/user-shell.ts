import { chown, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { LAB_USER } from '../../lab/people.ts'
import type { LabStatus } from '../../lab/status.ts'
import { type Running, startGodwit } from './godwit.ts'

/** Programs for tests to run. */
export const JOBS = fileURLToPath(new URL('../jobs', import.meta.url))

/** The home of the lab's ordinary user, as the server has it. */
export function userHome(lab: LabStatus): string {
  return join(lab.labDir, 'state/homes', LAB_USER.name)
}

/** Starts `script` in a login shell of the lab's ordinary user on a node. */
export function startUserShell(lab: LabStatus, nodeName: string, script: string): Running {
  return startGodwit(lab, ['run', '--on', nodeName, '--', 'su', '-', LAB_USER.name, '-c', script])
}

/** What it printed; throws when it failed. */
export async function userShell(lab: LabStatus, nodeName: string, script: string): Promise<string> {
  const { status, stdout, stderr } = await startUserShell(lab, nodeName, script).done
  if (status !== 0) throw new Error(`status ${status} of: ${script}\n${stderr}${stdout}`)
  return stdout
}

/** Puts a file into that home, whole at once, as the user's own. */
export async function putUserFile(lab: LabStatus, name: string, content: string | Uint8Array): Promise<void> {
  const path = join(userHome(lab), name)
  const made = await mkdir(dirname(path), { recursive: true })
  if (made !== undefined) await chown(dirname(path), LAB_USER.uid, LAB_USER.gid)
  await writeFile(`${path}.new`, content)
  await chown(`${path}.new`, LAB_USER.uid, LAB_USER.gid)
  await rename(`${path}.new`, path)
}

/** Compiles a class of test/jobs here, for any Java that the nodes' may be newer than, and puts it into that home. */
export async function putUserClass(lab: LabStatus, folder: string, name: string): Promise<void> {
  const out = await mkdtemp(join(tmpdir(), 'godwit-class-'))
  try {
    await execa('javac', ['--release', '17', '-d', out, join(JOBS, `${name}.java`)])
    for (const file of await readdir(out))
      await putUserFile(lab, `${folder}/${file}`, await readFile(join(out, file)))
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}
