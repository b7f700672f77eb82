import { expect, test } from 'vitest'
import { createQuestions } from '../../../agent/door/questions.ts'
import { RunRequest } from '../../../protocol/admin.ts'
import type { PlaceAnswer } from '../../../streams/door-session.ts'

const request = RunRequest.parse({
  command: ['true'],
  specSha256: '0'.repeat(64),
  home: 'node-1',
  uid: 1000,
  env: {},
})

function openQuestions() {
  const sent: object[] = []
  const answers: PlaceAnswer[] = []
  const questions = createQuestions(message => void sent.push(message))
  return { sent, answers, questions, ask: () => questions.ask(request, answer => void answers.push(answer)) }
}

test('a question waits, is answered, and is over', () => {
  const { sent, answers, questions, ask } = openQuestions()
  ask()
  expect(sent).toEqual([{ type: 'run-request', requestId: 1, request }])
  questions.answered({ type: 'run-queued', requestId: 1, message: 'second in line' })
  questions.answered({ type: 'run-home', requestId: 1, reason: 'small' })
  questions.answered({ type: 'run-home', requestId: 1, reason: 'again' })
  expect(answers).toEqual([
    { kind: 'waiting', message: 'second in line' },
    { kind: 'home', reason: 'small' },
  ])
})

test('a question that is given up is taken back, and hears nothing more', () => {
  const { sent, answers, questions, ask } = openQuestions()
  const giveUp = ask()
  giveUp()
  giveUp()
  questions.answered({ type: 'run-home', requestId: 1, reason: 'late' })
  expect(sent.slice(1)).toEqual([{ type: 'run-cancel', requestId: 1 }])
  expect(answers).toEqual([])
})

test('questions end with the connection that carried them', () => {
  const { answers, questions, ask } = openQuestions()
  ask()
  ask()
  questions.answered(undefined)
  expect(answers.map(answer => answer.kind === 'no-place' && answer.code)).toEqual([
    'GW_SERVER_DOWN',
    'GW_SERVER_DOWN',
  ])
})
