import { resolve } from 'node:path'
import { downStatus, type LabStatus, statusOf } from '../status.ts'
import { alive } from './processes.ts'
import { readRecord } from './record-file.ts'

/**
 * What the lab in this folder is doing now. Throws LabFailure when its record is unreadable. Apart from what starts a
 * lab, because each command asks it for its server.
 */
export async function labStatus(options: { readonly labDir: string }): Promise<LabStatus> {
  const labDir = resolve(options.labDir)
  const record = await readRecord(labDir)
  return record === undefined ? downStatus(labDir) : statusOf(record, alive)
}
