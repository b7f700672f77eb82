import { open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { LabFailure } from '../failure.ts'
import { labPaths, recordPath } from '../paths.ts'
import { LabRecord } from '../record.ts'

/** The record of the lab in `labDir`; `undefined` when there is none. Throws LabFailure when it is unreadable. */
export async function readRecord(labDir: string): Promise<LabRecord | undefined> {
  const path = recordPath(labDir)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
  const parsed = LabRecord.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new LabFailure(
    'not-up',
    `${path} is not a lab's record: ${z.prettifyError(parsed.error)}`,
    'Look for running qemu-system-x86_64 processes of this lab, then remove that file',
  )
}

/** Writes the record of a new lab; false when another one was faster or is still there. */
export async function createRecord(record: LabRecord): Promise<boolean> {
  try {
    const file = await open(recordPath(record.plan.labDir), 'wx')
    await file.writeFile(JSON.stringify(record, null, 2))
    await file.close()
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** Replaces the record: whoever reads sees the old one or the new one, whole. */
export async function replaceRecord(record: LabRecord): Promise<void> {
  const path = recordPath(record.plan.labDir)
  await writeFile(`${path}.new`, JSON.stringify(record, null, 2))
  await rename(`${path}.new`, path)
}

/** Removes what only a running lab needs, the record last. Logs, the server's state and accel.json stay. */
export async function removeRuntimeFiles(record: LabRecord): Promise<void> {
  const { labDir, runDir, stateDir } = record.plan
  const paths = labPaths(labDir, runDir, stateDir)
  const gone = [paths.runDir, paths.machineDir, paths.serverConfig, `${paths.record}.new`, paths.record]
  for (const path of gone) await rm(path, { recursive: true, force: true })
}

/** The `code` of a system error (`ENOENT`), or undefined. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
