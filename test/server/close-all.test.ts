import { expect, test } from 'vitest'
import { closeAll } from '../../server/close-all.ts'

const works = (name: string, closed: string[]) => ({ close: async () => void closed.push(name) })
const fails = (name: string) => ({ close: () => Promise.reject(new Error(name)) })

test('a part that does not close keeps none behind it open, and is told', async () => {
  const closed: string[] = []
  const parts = [works('dhcp', closed), fails('link'), works('store', closed)]
  await expect(closeAll(parts)).rejects.toThrow(/^link$/)
  expect(closed).toEqual(['dhcp', 'store'])
})

test('of several failures none is lost', async () => {
  await expect(closeAll([fails('link'), fails('store')])).rejects.toThrow('Error: link; Error: store')
})
