import { createPrivateKey, X509Certificate } from 'node:crypto'
import { get } from 'node:https'
import { createConnection } from 'node:net'
import { connect } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { LINK_MAX_MESSAGE_BYTES } from '../../../protocol/link.ts'
import { startLink } from '../../../server/cluster/link/service.ts'
import {
  agentKeys,
  connectAgent,
  hardware,
  hello,
  joinNode,
  mac,
  makeIdentity,
  type Scene,
  settled,
  silent,
  speed,
  startScene,
  type TestIdentity,
} from './scene.ts'

let identity: TestIdentity
let stranger: TestIdentity
let scene: Scene
beforeAll(async () => {
  identity = await makeIdentity()
  stranger = await makeIdentity()
})
afterAll(() => Promise.all([identity.remove(), stranger.remove()]))
beforeEach(async () => {
  scene = await startScene({ identity })
})
afterEach(() => scene.stop())

/** Says hello with a fresh key and returns what came back. */
async function sayHello(change: Parameters<typeof hello>[0], credentials = {}) {
  const agent = await connectAgent(scene.port, identity.caCertPem, credentials)
  agent.send(hello({ publicKeyPem: agentKeys().publicKeyPem, ...change }))
  const answer = await agent.next()
  agent.close()
  return answer
}

describe('a join by token', () => {
  test('is welcome and becomes ready with its hardware', async () => {
    const { agent } = await joinNode(scene, identity)
    await settled(scene, agent)
    const node = scene.cluster.node('node-770001')
    expect(node).toMatchObject({
      id: 'n-525400770001',
      state: 'ready',
      reason: null,
      ip: '10.77.0.50',
      speed: { all: 1 },
    })
    expect(node?.boot.stages.map(({ name }) => name)).toEqual(['script', 'joined', 'ready'])
    expect(node?.load?.cpuBusy).toBe(0.25)
    expect(scene.cluster.snapshot()).toMatchObject([
      { kernelBootId: 'kernel-1', agentPort: 7444, present: true, connected: true },
    ])
  })

  test('with a token never given out is refused, and the node shows it', async () => {
    await scene.cluster.prepareBoot({ mac })
    expect(await sayHello({ token: 'f'.repeat(48) })).toMatchObject({
      type: 'refused',
      code: 'GW_TOKEN_UNKNOWN',
    })
    expect(scene.cluster.node('node-770001')).toMatchObject({ state: 'booting' })
    expect(scene.cluster.node('node-770001')?.reason).toMatch(/GW_TOKEN_UNKNOWN/)
    expect(scene.counted.get('link: refused: GW_TOKEN_UNKNOWN')).toBe(1)
  })

  test('with a used token is refused, and the node that used it stays', async () => {
    const { agent, token } = await joinNode(scene, identity)
    expect(await sayHello({ token })).toMatchObject({ type: 'refused', code: 'GW_TOKEN_USED' })
    await settled(scene, agent)
    expect(scene.cluster.node('node-770001')?.state).toBe('ready')
  })

  test('twice by the same key is good until the hardware came, and then no more', async () => {
    const { publicKeyPem } = agentKeys()
    const { token } = await scene.cluster.prepareBoot({ mac })
    expect((await sayHello({ token, publicKeyPem })).type).toBe('welcome')
    const joined = await connectAgent(scene.port, identity.caCertPem)
    joined.send(hello({ token, publicKeyPem }))
    expect((await joined.next()).type).toBe('welcome')
    joined.send({ type: 'hardware', hardware, speed })
    await settled(scene, joined)
    expect(await sayHello({ token, publicKeyPem })).toMatchObject({ code: 'GW_TOKEN_USED' })
    joined.close()
  })

  test('with an expired token is refused', async () => {
    const { token } = await scene.cluster.prepareBoot({ mac })
    scene.clock.nowMs += 1801_000
    expect(await sayHello({ token })).toMatchObject({ type: 'refused', code: 'GW_TOKEN_EXPIRED' })
  })

  test.each([
    ['no token and no certificate', {}, 'GW_TOKEN_UNKNOWN'],
    ['another protocol', { protocol: 2 }, 'GW_BAD_MESSAGE'],
    ['a key that is none', { token: 'minted', publicKeyPem: 'spilled coffee' }, 'GW_BAD_MESSAGE'],
  ])('with %s is refused', async (_name, change, code) => {
    const { token } = await scene.cluster.prepareBoot({ mac })
    const shown = 'token' in change ? { ...change, token } : change
    expect(await sayHello(shown)).toMatchObject({ type: 'refused', code })
  })
})

describe('a return by certificate', () => {
  test('is welcome in the same boot, and the newer connection wins', async () => {
    const { agent, credentials } = await joinNode(scene, identity)
    await settled(scene, agent)
    const again = await connectAgent(scene.port, identity.caCertPem, credentials)
    again.send(hello())
    expect(await again.next()).toMatchObject({ type: 'welcome', state: 'ready' })
    expect(await agent.next()).toMatchObject({
      type: 'closed',
      reason: 'a newer connection of this node took over',
    })
    await settled(scene, again)
    expect(scene.cluster.node('node-770001')?.state).toBe('ready')
  })

  test('that shows its key gets a new certificate, good for the next return', async () => {
    const { keys, credentials } = await joinNode(scene, identity)
    const again = await sayHello({ publicKeyPem: keys.publicKeyPem }, credentials)
    const cert = again.type === 'welcome' ? (again.certificatePem ?? '') : ''
    expect(new X509Certificate(cert).checkPrivateKey(createPrivateKey(keys.privateKeyPem))).toBe(true)
    expect(cert).not.toBe(credentials.cert)
    expect(await sayHello({}, { cert, key: keys.privateKeyPem })).toMatchObject({ type: 'welcome' })
  })

  test('in another boot, of another machine, or from another cluster is refused', async () => {
    const { credentials } = await joinNode(scene, identity)
    const refused = { type: 'refused', code: 'GW_PEER_UNTRUSTED' }
    expect(await sayHello({ kernelBootId: 'kernel-2' }, credentials)).toMatchObject(refused)
    const other = hello().mac.replace('01', '02') as typeof mac
    expect(await sayHello({ mac: other }, credentials)).toMatchObject(refused)
    const keys = agentKeys()
    const { id } = scene.cluster.node('node-770001') ?? { id: undefined }
    if (id === undefined) throw new Error('no node')
    const cert = await stranger.issueNode({
      nodeId: id,
      kernelBootId: 'kernel-1',
      ip: hello().ip,
      publicKeyPem: keys.publicKeyPem,
    })
    expect(await sayHello({}, { cert, key: keys.privateKeyPem })).toMatchObject(refused)
    expect(scene.cluster.node('node-770001')?.reason).toMatch(/not of this cluster/)
  })

  test('after the machine booted anew is refused: one boot, one agent', async () => {
    const first = await joinNode(scene, identity)
    scene.clock.nowMs += 60_000
    await joinNode(scene, identity, 'kernel-2')
    expect(await first.agent.next()).toMatchObject({ type: 'closed' })
    expect(await sayHello({}, first.credentials)).toMatchObject({ code: 'GW_PEER_UNTRUSTED' })
    expect(scene.cluster.timeline('node-770001')).toHaveLength(2)
  })
})

describe('what does not fit', () => {
  test.each([
    ['no JSON', '}{'],
    ['no message of the protocol', '{"type":"sudo"}'],
    ['not a hello first', JSON.stringify({ type: 'answer', requestId: 1 })],
    ['binary', Buffer.from([1, 2, 3])],
  ])('%s: a reason, then the end', async (_name, message) => {
    const agent = await connectAgent(scene.port, identity.caCertPem)
    agent.send(message)
    expect(await agent.next()).toMatchObject({ type: 'refused', code: 'GW_BAD_MESSAGE' })
    expect(await agent.next()).toMatchObject({ type: 'closed', code: 1008 })
    expect(scene.counted.get('link: malformed')).toBe(1)
  })

  test('a message over the limit ends only its own connection', async () => {
    const { agent, credentials } = await joinNode(scene, identity)
    await settled(scene, agent)
    const flood = await connectAgent(scene.port, identity.caCertPem, credentials)
    flood.send(hello())
    expect(await flood.next()).toMatchObject({ type: 'welcome' })
    flood.send('x'.repeat(LINK_MAX_MESSAGE_BYTES + 1))
    expect(await flood.next()).toMatchObject({ type: 'closed', code: 1009 })
    expect(scene.counted.get('link: broken connection')).toBe(1)
  })

  test('before it is admitted a connection may send some hellos and no more', async () => {
    const { agent } = await joinNode(scene, identity)
    const flood = await connectAgent(scene.port, identity.caCertPem)
    flood.send('x'.repeat(20_000))
    expect(await flood.next()).toMatchObject({ type: 'closed', code: 1006 })
    expect(scene.counted.get('link: too much before a hello')).toBe(1)
    await settled(scene, agent)
  })

  test('an address may hold 16 connections that said no hello; admitted ones do not count', async () => {
    const { agent } = await joinNode(scene, identity)
    const silentOnes = await Promise.all(
      Array.from({ length: 16 }, () => connectAgent(scene.port, identity.caCertPem)),
    )
    const oneMore = await connectAgent(scene.port, identity.caCertPem)
    expect(await oneMore.next()).toMatchObject({ type: 'closed', code: 1006 })
    expect(scene.counted.get('link: too many connections before a hello')).toBe(1)
    await settled(scene, agent)
    for (const each of silentOnes) each.close()
    await settled(scene, agent)
    await joinNode(scene, identity, 'kernel-2')
  })

  test('garbage where TLS should be is counted', async () => {
    const socket = createConnection(scene.port, '127.0.0.1')
    socket.end('GET / HTTP/1.0\r\n\r\n')
    socket.resume()
    await new Promise(resolve => socket.once('close', resolve))
    expect(scene.counted.get('link: tls handshake failed')).toBe(1)
  })

  test('an agent refuses a server of another cluster', async () => {
    await expect(connectAgent(scene.port, stranger.caCertPem)).rejects.toThrow(/certificate/)
  })
})

test('anybody may ask for health, and for nothing else', async () => {
  const status = (path: string) =>
    new Promise(resolve =>
      get({ host: '127.0.0.1', port: scene.port, path, ca: identity.caCertPem, agent: false }, response => {
        response.resume()
        resolve(response.statusCode)
      }),
    )
  expect(await status('/healthz')).toBe(200)
  expect(await status('/v1/nodes')).toBe(404)
})

test('a port in use is one sentence with the next step', async () => {
  const options = { identity, handlers: scene.cluster.link, log: silent, count: () => {} }
  await expect(startLink({ ...options, address: '127.0.0.1', port: scene.port })).rejects.toMatchObject({
    code: 'GW_PORT_IN_USE',
    message: expect.stringContaining(`ss -tlpn 'sport = :${scene.port}'`),
  })
})

test('the upgrade tells the time, for agents whose clock is wrong', async () => {
  const socket = connect({ host: '127.0.0.1', port: scene.port, ca: identity.caCertPem })
  const answer = new Promise<string>(resolve => socket.once('data', data => resolve(data.toString())))
  socket.write(
    'GET /v1/link HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  )
  expect(await answer).toMatch(/\r\nDate: .* GMT\r\n/)
  socket.destroy()
})
