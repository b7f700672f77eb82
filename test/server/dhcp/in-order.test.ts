import { expect, test } from 'vitest'
import { createInOrder } from '../../../server/dhcp/in-order.ts'

/** A job that says when it begins and ends, and ends when told to. */
function jobs() {
  const said: string[] = []
  const finish = new Map<string, () => void>()
  const job = (name: string) => async () => {
    said.push(`${name} begins`)
    await new Promise<void>(resolve => finish.set(name, resolve))
    said.push(`${name} ends`)
  }
  return { said, finish, job }
}

test('jobs of one key wait for each other, other keys do not', async () => {
  const { said, finish, job } = jobs()
  const order = createInOrder(10)
  order.run('a', job('first'), undefined)
  order.run('a', job('second'), undefined)
  order.run('b', job('other'), undefined)
  await Promise.resolve()
  expect(said).toEqual(['first begins', 'other begins'])
  finish.get('other')?.()
  finish.get('first')?.()
  while (!finish.has('second')) await Promise.resolve()
  finish.get('second')?.()
  await order.idle()
  expect(said.filter(line => !line.startsWith('other'))).toEqual([
    'first begins',
    'first ends',
    'second begins',
    'second ends',
  ])
})

test('above the limit a job is refused, and taken again once there is room', async () => {
  const order = createInOrder(2)
  const nothing = async () => {}
  expect([
    order.run('a', nothing, undefined),
    order.run('b', nothing, undefined),
    order.run('c', nothing, undefined),
  ]).toEqual([true, true, false])
  await order.idle()
  expect(order.run('c', nothing, undefined)).toBe(true)
})
