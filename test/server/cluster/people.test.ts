import { afterAll, beforeAll, expect, test } from 'vitest'
import type { People } from '../../../protocol/people.ts'
import { joinNode, makeIdentity, startScene, type TestIdentity } from './scene.ts'

let identity: TestIdentity
beforeAll(async () => {
  identity = await makeIdentity()
})
afterAll(() => identity.remove())

const peopleCalled = (name: string): People => ({
  users: [{ name, uid: 1000, gid: 1000, comment: '', home: `/home/${name}`, shell: '/bin/sh' }],
  groups: [],
})

test('a node is told the users with its welcome, and again when they changed', async () => {
  let people = peopleCalled('alice')
  const scene = await startScene({ identity, people: () => people })
  const { agent } = await joinNode(scene, identity)
  expect(await agent.next()).toEqual({ type: 'people', people: peopleCalled('alice') })
  people = peopleCalled('bob')
  scene.cluster.tellPeople()
  expect(await agent.next()).toEqual({ type: 'people', people: peopleCalled('bob') })
  await scene.stop()
})

test('a machine that waits for approval learns no name until it has it', async () => {
  const config = { cluster: { approval: 'manual' } }
  const scene = await startScene({ identity, config, people: () => peopleCalled('alice') })
  const { agent } = await joinNode(scene, identity)
  scene.cluster.tellPeople()
  await scene.cluster.approve('node-770001')
  expect(await agent.next()).toEqual({ type: 'state', state: 'ready' })
  expect(await agent.next()).toEqual({ type: 'people', people: peopleCalled('alice') })
  await scene.stop()
})
