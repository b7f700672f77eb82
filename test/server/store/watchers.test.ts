import { describe, expect, it } from 'vitest'
import { createWatchers } from '../../../server/store/watchers.ts'

const change = (key: string, revision: number) => ({ kind: 'delete' as const, key, revision })

describe('watchers', () => {
  it('are called after the caller is done, backlog first', async () => {
    const watchers = createWatchers()
    const seen: unknown[] = []
    watchers.add('a/', [change('a/0', 1)], one => seen.push(one), new AbortController().signal)
    watchers.publish([change('a/1', 2), change('b/1', 2)])
    expect(seen).toEqual([])
    await Promise.resolve()
    expect(seen).toEqual([change('a/0', 1), change('a/1', 2)])
  })

  it('that throw lose their watch; the others and the error go on', async () => {
    const later: (() => void)[] = []
    const watchers = createWatchers(work => later.push(work))
    const seen: unknown[] = []
    const calls: unknown[] = []
    const { signal } = new AbortController()
    const bad = (one: unknown): void => {
      calls.push(one)
      throw new Error('listener is broken')
    }
    watchers.add('', [], bad, signal)
    watchers.add('', [], one => seen.push(one), signal)
    watchers.publish([change('a', 1), change('b', 2)])
    await Promise.resolve()
    watchers.publish([change('c', 3)])
    await Promise.resolve()
    expect(calls).toEqual([change('a', 1)])
    expect(seen).toHaveLength(3)
    expect(later).toHaveLength(1)
    expect(later[0]).toThrow('listener is broken')
  })
})
