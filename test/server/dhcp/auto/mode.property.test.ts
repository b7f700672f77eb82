import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  GONE_MS,
  type ModeAction,
  type ModeEvent,
  type ModeState,
  PROBES_BEFORE_LEASING,
  startMode,
  stepMode,
} from '../../../../server/dhcp/auto/mode.ts'
import { ip } from '../scene.ts'

const servers = [ip('10.0.0.1'), ip('10.0.0.2')] as const

const event = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'silent' as const }) },
  fc.record({ kind: fc.constant('answered' as const), server: fc.constantFrom(...servers) }),
  fc.record({ kind: fc.constant('overheard' as const), server: fc.constantFrom(...servers) }),
  fc.constant({ kind: 'impossible' as const, reason: 'port 68 is in use' }),
)
const history = fc.array(fc.tuple(event, fc.integer({ min: 1, max: 120_000 })), { maxLength: 60 })

type Taken = {
  readonly event: ModeEvent
  readonly before: ModeState
  readonly after: ModeState
  readonly actions: readonly ModeAction[]
}

/** Plays a history; each step with the state before and after it. */
function play(events: readonly (readonly [object, number])[]): readonly Taken[] {
  let { state } = startMode(0)
  let nowMs = 0
  return events.map(([what, passedMs]) => {
    nowMs += passedMs
    const taken = { ...what, nowMs } as ModeEvent
    const before = state
    const { state: after, actions } = stepMode(before, taken)
    state = after
    return { event: taken, before, after, actions }
  })
}

test('we lease only right after enough silent probes in a row, and never once another server was heard', () => {
  fc.assert(
    fc.property(history, events => {
      const steps = play(events)
      for (const [index, { before, after }] of steps.entries()) {
        if (after.role !== 'authoritative' || before.role === 'authoritative') continue
        const last = steps.slice(0, index + 1).filter(({ event: { kind } }) => kind !== 'overheard')
        expect(last.slice(-PROBES_BEFORE_LEASING).map(({ event: { kind } }) => kind)).toEqual(
          Array(PROBES_BEFORE_LEASING).fill('silent'),
        )
        expect(after.servers).toEqual([])
      }
    }),
  )
})

test('at the first sign of another server we do not lease', () => {
  fc.assert(
    fc.property(history, events => {
      for (const {
        event: { kind },
        after,
      } of play(events))
        if (kind === 'answered' || kind === 'overheard') expect(after.role).toBe('proxy')
    }),
  )
})

test('stepping back from leasing, and only that, is an alarm that names the server', () => {
  fc.assert(
    fc.property(history, events => {
      for (const { event: taken, before, after, actions } of play(events)) {
        const alarms = actions.filter(action => action.kind === 'alarm')
        const isStepBack = before.role === 'authoritative' && after.role === 'proxy'
        expect(alarms).toHaveLength(isStepBack ? 1 : 0)
        if (isStepBack && 'server' in taken) expect(alarms[0]).toMatchObject({ server: taken.server })
      }
    }),
  )
})

test('every probe is followed by exactly one other, so that the watch never ends nor doubles', () => {
  fc.assert(
    fc.property(history, events => {
      for (const {
        event: { kind },
        actions,
      } of play(events))
        expect(actions.filter(action => action.kind === 'probe')).toHaveLength(kind === 'overheard' ? 0 : 1)
    }),
  )
})

test('every change of role is carried out, with its reason', () => {
  fc.assert(
    fc.property(history, events => {
      for (const { before, after, actions } of play(events)) {
        const serve = actions.filter(action => action.kind === 'serve')
        expect(serve).toHaveLength(before.role === after.role ? 0 : 1)
        if (serve[0] !== undefined) expect(serve[0]).toMatchObject({ role: after.role, why: after.why })
      }
    }),
  )
})

test('who cannot probe is a proxy, and leases later when probes are silent after all', () => {
  const blind = stepMode(startMode(0).state, { kind: 'impossible', reason: 'port 68 is in use', nowMs: 0 })
  expect(blind.state).toMatchObject({
    role: 'proxy',
    why: 'another DHCP server cannot be ruled out: port 68 is in use',
  })
  const silent = { kind: 'silent', nowMs: 1 } as const
  const roles = [1, 2, 3].reduce<ModeState>(state => stepMode(state, silent).state, blind.state)
  expect(roles.role).toBe('authoritative')
})

test('a server that is silent for ten minutes is called gone once, and nothing changes', () => {
  const met = stepMode(startMode(0).state, { kind: 'answered', server: servers[0], nowMs: 0 }).state
  const said: ModeAction[] = []
  let state = met
  for (let nowMs = 60_000; nowMs <= 3 * GONE_MS; nowMs += 60_000) {
    const step = stepMode(state, { kind: 'silent', nowMs })
    state = step.state
    said.push(...step.actions.filter(action => action.kind === 'say'))
  }
  expect(said).toHaveLength(1)
  expect(state.role).toBe('proxy')
})
