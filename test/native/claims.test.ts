import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askFor, ENDED, STARTED } from './ask.ts'
import { frameBytes } from './frame-bytes.ts'
import { openRelay, type Relay, whyNoNative } from './relay.ts'

/** Nobody, who may do nothing. */
const NOBODY = ['u65534', 'g65534', 'G65534']
const SIGNAL = 4
/** A struct termios of musl's in which nothing is set. */
const TERMIOS = `t${'00'.repeat(60)}`

describe.skipIf(whyNoNative() !== undefined)('a request that was not written by a deputy', () => {
  let relay: Relay
  beforeAll(async () => {
    relay = await openRelay()
  }, 60_000)
  afterAll(() => relay.close())

  const ask = (script: string, strings: readonly string[], reply?: Uint8Array, door = relay.door) =>
    askFor(script, strings, door, reply)

  it('runs as whom it names', async () => {
    expect((await ask('id -u; id -g; id -G', NOBODY)).text).toBe('65534\n65534\n65534\n')
  })

  it.each(['u0', 'g0', 'G0'])('starts nothing when it names somebody else, too: %s', async second => {
    const { types } = await ask('id', [...NOBODY, second])
    expect(types).not.toContain(STARTED)
  })

  it('gets no more of the processor than its user may have', async () => {
    const wishes = ['N-20', 'y0 1 50', 'Lrtprio 99 99', 'Lnice 40 40']
    const { text } = await ask('cut -d" " -f19,41 /proc/self/stat; cat /proc/self/limits', [
      ...NOBODY,
      ...wishes,
    ])
    const [scheduling, ...limits] = text.split('\n')
    expect(scheduling).toBe('0 0')
    const own = await ask('cat /proc/self/limits', NOBODY)
    for (const name of ['Max realtime priority', 'Max nice priority'])
      expect(limits).toContain(own.text.split('\n').find(line => line.startsWith(name)))
  })

  it('keeps of its groups those that count on the node', async () => {
    const other = await openRelay({ launch: ['G65534,2000,270'] })
    try {
      const strings = ['u65534', 'g65534', 'G27,2000,65534']
      expect((await ask('id -G', strings, undefined, other.door)).text).toBe('65534 2000\n')
    } finally {
      await other.close()
    }
  })

  it('cannot turn the signals of its terminal against the keeper', async () => {
    const script = `perl -MPOSIX -e 'tcsetpgrp(0, getppid) or die $!; $| = 1; print "done"; sleep 1000'`
    const toForeground = frameBytes(SIGNAL, Uint8Array.of(9, 1))
    const { types } = await ask(`exec ${script}`, [...NOBODY, TERMIOS, 'S0 tty', 'S1 tty'], toForeground)
    expect(types).toContain(ENDED)
  })

  it('is not held up by a FIFO in the place of a file', async () => {
    const path = join(relay.folder, 'fifo')
    execFileSync('mkfifo', [path])
    const { text } = await ask('echo on', ['u0', 'g0', `F3 0 0 1 0 0 ${path}`])
    expect(text).toBe('on\n')
  })

  it('of root gets what it asks for', async () => {
    const { text } = await ask('cut -d" " -f19,41 /proc/self/stat', ['u0', 'g0', 'G', 'N-5'])
    expect(text).toBe('-5 0\n')
  })
})
