import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { type LabStatus, labExecArgv } from '../../lab/status.ts'
import { Decision } from '../../protocol/decision.ts'
import { GodwitError } from '../../protocol/errors.ts'
import { ProcessRecord } from '../../protocol/process.ts'
import type { AdminClient } from '../admin-client.ts'
import { describeDecision } from '../decision-text.ts'
import { PROJECT_DIR } from '../paths.ts'

/** The program in the image (source: lab/demo/Threads.java): 8 threads that check they share one process. */
const COMMAND = ['java', '-Xmx64m', '-jar', '/usr/share/godwit/demo/threads.jar', '8']

/** What the demo's process did: its record at the end, and all it wrote. */
export type DemoProcess = { readonly record: ProcessRecord; readonly stdout: string }

/** Where to run, and where to tell. */
export type DemoProcessOptions = {
  readonly client: AdminClient
  readonly lab: LabStatus
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/**
 * Runs the demo through the command line a person would type, from inside the lab's network, so that deputy and agent
 * speak directly. Shows where it ran and why.
 */
export async function runDemoProcess(options: DemoProcessOptions): Promise<DemoProcess> {
  const { client, say } = options
  say(`$ godwit run -- ${COMMAND.join(' ')}`)
  const { status, stdout } = await runInLab(options)
  const record = await endedRecord(client)
  say(describeDecision(await client.get(`/v1/processes/${record.id}/decision`, Decision)))
  if (status !== 0) throw new GodwitError('GW_LAB', `the demo program ended with status ${status}`)
  return { record, stdout }
}

function runInLab({ lab, say, signal }: DemoProcessOptions): Promise<{ status: number; stdout: string }> {
  const godwit = [
    process.execPath,
    `${PROJECT_DIR}/cli/godwit.js`,
    '--socket',
    lab.adminSocket ?? '',
    'run',
    '--',
    ...COMMAND,
  ]
  const [program = '', ...args] = labExecArgv(lab, godwit)
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], signal })
    let stdout = ''
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (chunk: string) => {
      stdout += chunk
      for (const line of chunk.trimEnd().split('\n')) say(`  ${line}`)
    })
    child.on('error', reject)
    child.on('close', code => resolve({ status: code ?? 1, stdout }))
  })
}

/** The agent tells the server of the end on its own link, which may be a moment behind the deputy's. */
async function endedRecord(client: AdminClient): Promise<ProcessRecord> {
  for (let tries = 0; ; tries += 1) {
    const [newest] = await client.get('/v1/processes?all=1', z.array(ProcessRecord))
    if (newest?.state === 'ended' || (newest !== undefined && tries > 100)) return newest
    if (tries > 100)
      throw new GodwitError('GW_PROCESS_UNKNOWN', 'the server has no record of the demo process')
    await sleep(100)
  }
}
