/**
 * The lab's supervisor: a process of its own inside the lab's namespaces, started by `labUp` with the lab's
 * folder as its only argument. It starts the lab, watches it until SIGTERM or SIGINT, and takes it down.
 */
import type { Server } from 'node:net'
import { serveControl } from '../io/control-server.ts'
import { readRecord } from '../io/record-file.ts'
import { serveLabRelay } from '../io/relay.ts'
import { labPaths } from '../paths.ts'
import type { LabRecord } from '../record.ts'
import type { SupervisorNews } from './news.ts'
import { createLab, type Lab } from './service.ts'

/** Runs the lab whose record lies in `labDir`; resolves with the exit status when it is down again. */
async function supervise(labDir: string): Promise<number> {
  const record = await readRecord(labDir)
  if (record === undefined) throw new Error(`there is no lab.json in ${labDir}`)
  const lab = createLab(record, process.env, log)
  const askedToStop = stopRequest()
  try {
    // Whichever comes first; a lab that is asked to stop while it starts is taken down as far as it came.
    const startup = lab.start(text => void tell({ kind: 'progress', text }))
    const outcome = await Promise.race([startup.then(() => 'started' as const), askedToStop])
    if (outcome === 'started') await runUntilStopped(record, lab, askedToStop)
    return 0
  } catch (error) {
    log(`failed: ${error instanceof Error ? (error.stack ?? error.message) : error}`)
    await tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
    return 1
  } finally {
    await lab.stop()
    log('down')
  }
}

async function runUntilStopped(record: LabRecord, lab: Lab, askedToStop: Promise<string>): Promise<void> {
  const { labDir, runDir } = record.plan
  const paths = labPaths(labDir, runDir)
  const control: Server = await serveControl(paths.controlSocket, lab.control)
  const relay: Server = await serveLabRelay(paths.relaySocket)
  log('up')
  process.removeAllListeners('disconnect')
  await tell({ kind: 'ready' })
  log(`stops: ${await askedToStop}`)
  control.close()
  relay.close()
}

// Who started us listens only until we are ready; if it goes away before that, nobody wants this lab.
function stopRequest(): Promise<string> {
  return new Promise(resolve => {
    process.once('SIGTERM', () => resolve('SIGTERM'))
    process.once('SIGINT', () => resolve('SIGINT'))
    process.once('disconnect', () => resolve('whoever started it is gone'))
  })
}

function tell(news: SupervisorNews): Promise<void> {
  return new Promise(resolve => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(news, undefined, {}, () => resolve())
  })
}

function log(text: string): void {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`)
}

process.exit(await supervise(process.argv[2] ?? '.'))
