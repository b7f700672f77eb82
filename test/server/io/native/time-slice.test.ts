import { readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { type Libc, loadLibc } from '../../../../server/io/native/libc.ts'
import { holdShortSlice } from '../../../../server/io/native/time-slice.ts'

/** linux/sched.h. */
const SCHED_BATCH = 3

const real = loadLibc()
const held: (() => void)[] = []
afterEach(() => {
  for (const release of held.splice(0)) release()
})

/** The length of this thread's turns in ns as the kernel tells it; undefined where it does not. */
function sliceNs(): number | undefined {
  const line = /^se\.slice\s*:\s*(\d+)/m.exec(readFileSync('/proc/thread-self/sched', 'utf8'))
  return line === null ? undefined : Number(line[1])
}

function hold(libc: Libc | undefined): () => void {
  const release = holdShortSlice(libc)
  held.push(release)
  return release
}

describe('short turns of a thread', { skip: real === undefined }, () => {
  it('are taken by the kernel, which leaves the priority as it was', () => {
    const results: number[] = []
    const libc = real as Libc
    const before = getPriority()
    hold({
      ...libc,
      schedSetattr: attributes => {
        const result = libc.schedSetattr(attributes)
        results.push(result)
        return result
      },
    })()
    expect(results).toEqual([0, 0])
    expect(getPriority()).toBe(before)
  })

  it('last until everybody who held them has let go', ({ skip }) => {
    const usual = sliceNs()
    skip(usual === undefined, 'this kernel does not tell')
    const [first, second] = [hold(real), hold(real)]
    const short = sliceNs()
    first()
    first()
    expect(sliceNs()).toBe(short)
    second()
    expect(sliceNs()).toBe(usual)
  })

  it('are half a millisecond on Linux 6.12 and later', ({ skip }) => {
    const usual = sliceNs()
    hold(real)
    skip(usual === undefined || sliceNs() === usual, 'this kernel does not do it')
    expect(sliceNs()).toBe(500_000)
  })
})

it('are not asked for where somebody chose how the server is scheduled', { skip: real === undefined }, () => {
  let sets = 0
  hold({
    ...(real as Libc),
    schedGetattr: attributes => {
      new DataView(attributes.buffer).setUint32(4, SCHED_BATCH, true)
      return 0
    },
    schedSetattr: () => (sets += 1),
  })()
  expect(sets).toBe(0)
})

it('without the C library nothing happens', () => {
  expect(() => hold(undefined)()).not.toThrow()
})
