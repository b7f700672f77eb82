import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GodwitError } from '../../../protocol/errors.ts'
import type { Run } from '../../agent/scene.ts'
import { whyNoNative } from '../../native/relay.ts'
import { openRunHome, type RunHome } from './home.ts'

const why = whyNoNative()
if (why !== undefined) console.warn(`cli/run: left out: ${why}`)

let home: RunHome
beforeAll(async () => {
  if (why === undefined) home = await openRunHome()
}, 60_000)
afterAll(() => home?.close())

/** A cable to the agent at `port` that can be pulled: both ends stay open and hear nothing more. */
async function openCable(port: number) {
  const sockets: Socket[] = []
  const server = createServer(near => {
    const far = connect(port, '127.0.0.1')
    near.pipe(far).pipe(near)
    for (const socket of [near, far]) sockets.push(socket.on('error', () => undefined))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const end = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    pull: () => {
      for (const socket of sockets) socket.unpipe().pause()
    },
    cut: end,
    close: () => {
      end()
      server.close()
    },
  }
}

async function startOnCable(script: string) {
  const { node } = await home.scene.grantDigest('0'.repeat(64))
  const cable = await openCable(node.port)
  home.place(async request => {
    const grant = await home.scene.grantDigest(request.specSha256)
    return { ...grant, node: { ...grant.node, port: cable.port } }
  })
  const run = home.start(['--', 'sh', '-c', script])
  await says(run, 'ready')
  return { cable, run }
}

async function says(run: Run, word: string): Promise<void> {
  for (let turn = 0; turn < 1000 && !run.text().stdout.includes(word); turn += 1) await sleep(10)
  expect(run.text().stdout).toContain(word)
}

describe.skipIf(why !== undefined)('a node that is not heard after the start', () => {
  test('without a word: the third ^C ends the deputy, with 255 and the name of the node', async () => {
    const { cable, run } = await startOnCable('echo ready; sleep 1000')
    cable.pull()
    // Two that are pending at once are one to the kernel: on a busy machine it may take more than three.
    // One that comes when the program has its handlers off already would be the end that is seen.
    const pressing = setInterval(() => run.text().stderr === '' && run.child.kill('SIGINT'), 200)
    const { status, stderr } = await run.ended
    clearInterval(pressing)
    expect(status).toBe(255)
    expect(stderr).toMatch(
      /lost bar-tailed, .*no answer to 3 signals; it may run there until the node notices/,
    )
    cable.close()
  })

  test('for a moment only: its connection is mended, and nothing of the run is lost', async () => {
    const { cable, run } = await startOnCable('echo ready; read word; echo $word; exit 5')
    cable.cut()
    run.child.stdin?.write('still here\n')
    await says(run, 'still here')
    expect((await run.ended).status).toBe(5)
    cable.close()
  })
})

test.skipIf(why !== undefined)('a program that answers each ^C is not given up', async () => {
  const script =
    'n=0; trap "n=\\$((n+1)); echo int \\$n" INT; echo ready; while [ $n -lt 4 ]; do sleep 0.05; done; exit 9'
  const { cable, run } = await startOnCable(script)
  for (const n of [1, 2, 3, 4]) {
    run.child.kill('SIGINT')
    await says(run, `int ${n}`)
  }
  expect((await run.ended).status).toBe(9)
  cable.close()
})

test.skipIf(why !== undefined)(
  'when no other node can have it, the reason of the one that did not take it is shown',
  async () => {
    home.place(async request => {
      if (request.retryOf) throw new GodwitError('GW_NO_PLACE', 'no node can take it')
      return home.scene.grantDigest(request.specSha256, 2 ** 50)
    })
    const { status, stderr } = await home.start(['--', 'true']).ended
    expect([status, stderr]).toEqual([
      125,
      expect.stringMatching(/exceeds-node-memory: wants 1073741824 MiB/),
    ])
  },
)
