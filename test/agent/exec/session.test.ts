import { describe, expect, test } from 'vitest'
import { NEW_RUN, type NodeRunEvent, stepRun } from '../../../agent/exec/session.ts'
import { FRAME, type Frame, frameOf } from '../../../streams/frame.ts'

const home = (type: number): NodeRunEvent => ({ kind: 'home', frame: frameOf(type) })
const keeper = (type: number, size = 0): NodeRunEvent => ({
  kind: 'keeper',
  frame: frameOf(type, new Uint8Array(size)),
})
const ready: NodeRunEvent = { kind: 'ready', detached: true }
const asked = [home(FRAME.request), ready]
const detached = [...asked, keeper(FRAME.started)]

/** What is done over all events, in words. */
function play(...events: readonly NodeRunEvent[]) {
  let run = NEW_RUN
  const done: string[] = []
  for (const event of events) {
    const next = stepRun(run, event)
    run = next.run
    for (const action of next.actions)
      done.push('frame' in action ? `${action.kind} ${typeOf(action.frame)}` : action.kind)
  }
  return { phase: run.phase, done }
}

const typeOf = (frame: Frame | undefined) => frame?.type ?? 'none'

describe('a run that is to be left to itself', () => {
  test('loses its home as soon as it runs, and does not mind', () => {
    const { done, phase } = play(...detached, { kind: 'home-gone' })
    expect(phase).toBe('detached')
    expect(done).toEqual(['check', 'launch', `started ${FRAME.started}`, 'close-channel'])
  })

  test('is ended when its home is gone before it has heard of the start', () => {
    const { done, phase } = play(...asked, { kind: 'home-gone' }, keeper(FRAME.started))
    expect(phase).toBe('ending')
    expect(done).toContain('end-softly')
  })

  test('has its outputs kept, each piece before it may write more', () => {
    const { done } = play(...detached, keeper(FRAME.stdout, 3), keeper(FRAME.stderr, 3))
    const credit = `to-keeper ${FRAME.creditOut}`
    expect(done.slice(-4)).toEqual([`keep ${FRAME.stdout}`, credit, `keep ${FRAME.stderr}`, credit])
  })

  test('ends with a word of its keeper, or without one', () => {
    expect(play(...detached, keeper(FRAME.ended)).done.slice(-3)).toEqual([
      `ended ${FRAME.ended}`,
      'close-channel',
      'close-keeper',
    ])
    expect(play(...detached, { kind: 'keeper-gone' }).done).toContain('ended none')
  })
})
