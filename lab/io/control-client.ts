import { createConnection } from 'node:net'
import { createInterface } from 'node:readline'
import { ControlReply, type ControlRequest } from '../control.ts'
import { LabFailure } from '../failure.ts'
import type { LabStatus } from '../status.ts'

/**
 * Has the supervisor of a running lab do something and waits until it is done; returns the name of the machine
 * concerned (or `server`). Throws LabFailure: the lab is not up, or the supervisor's reason for refusing.
 */
export async function controlLab(
  status: Pick<LabStatus, 'state' | 'controlSocket'>,
  request: ControlRequest,
): Promise<string> {
  if (status.state !== 'up' || status.controlSocket === null)
    throw new LabFailure('not-up', `The lab is ${status.state}`, 'Start it with godwit lab up')
  const line = await exchange(status.controlSocket, JSON.stringify(request))
  const reply = ControlReply.safeParse(JSON.parse(line))
  if (reply.success && reply.data.kind === 'done') return reply.data.name
  const reason = reply.success && reply.data.kind === 'refused' ? reply.data.reason : `it answered ${line}`
  throw new LabFailure(
    'control-failed',
    `The lab did not do it: ${reason.replace(/\.$/, '')}`,
    'See its logs/supervisor.log',
  )
}

async function exchange(socketPath: string, line: string): Promise<string> {
  const socket = createConnection(socketPath)
  const failed = new Promise<never>((_, reject) => {
    socket.once('error', error =>
      reject(
        new LabFailure(
          'control-failed',
          `The lab's supervisor cannot be reached (${error.message})`,
          'Try godwit lab status',
        ),
      ),
    )
  })
  socket.write(`${line}\n`)
  try {
    return await Promise.race([firstLine(socket), failed])
  } finally {
    socket.destroy()
  }
}

async function firstLine(socket: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: socket })) return line
  throw new LabFailure('control-failed', "The lab's supervisor hung up", 'See its logs/supervisor.log')
}
