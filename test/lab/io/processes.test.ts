import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'
import { type HostProcess, LAB_MARK } from '../../../lab/host-process.ts'
import {
  alive,
  endProcesses,
  identify,
  markedProcesses,
  ownProcess,
  signalProcess,
  waitForEnd,
} from '../../../lab/io/processes.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A real process that runs `script`, once it has said that it is ready. */
async function start(script: string, labId = 'test0000'): Promise<HostProcess> {
  const child = spawn('sh', ['-c', script], {
    env: { ...process.env, [LAB_MARK]: labId },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.push(child)
  await new Promise(resolve => child.stdout?.once('data', resolve))
  const id = identify(child.pid ?? 0)
  if (id === undefined) throw new Error('it ended at once')
  return id
}

test('a process is known by its number and its start together', async () => {
  const id = await start('echo ready; exec sleep 60')
  expect(alive(id)).toBe(true)
  const impostor = { ...id, startTicks: id.startTicks + 1 }
  expect(alive(impostor)).toBe(false)
  expect(signalProcess(impostor, 'SIGKILL')).toBe(false)
  expect(alive(id)).toBe(true)
  expect(alive(ownProcess())).toBe(true)
})

test('who does not go by SIGTERM goes by SIGKILL', async () => {
  const polite = await start('echo ready; exec sleep 60')
  const stubborn = await start('trap "" TERM; echo ready; while :; do sleep 60; done')
  expect(await endProcesses([polite, stubborn], 200)).toEqual([])
  expect([polite, stubborn].map(alive)).toEqual([false, false])
})

test('waiting is bounded and names who is left', async () => {
  const id = await start('echo ready; exec sleep 60')
  expect(await waitForEnd([id], 30)).toEqual([id])
})

test('the processes of one lab are found by their mark, also the children of its children', async () => {
  const labId = `t${process.pid.toString(16)}`
  const shell = await start('sleep 60 & echo ready; wait', labId)
  await start('echo ready; exec sleep 60', `${labId}0`)
  const found = markedProcesses(labId)
  expect(found).toHaveLength(2)
  expect(found).toContainEqual(shell)
  expect(await endProcesses(found, 2000)).toEqual([])
})
