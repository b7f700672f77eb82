import { expect, test } from 'vitest'
import { createLineLog } from '../../agent/log.ts'

test('one line of JSON per event, errors with their cause', () => {
  const lines: string[] = []
  const log = createLineLog(
    line => lines.push(line),
    () => 0,
  )
  log.debug({}, 'too much')
  log.error({ error: new Error('no link', { cause: new Error('no route') }), port: 1 }, 'bad')
  expect(lines).toEqual([
    '{"level":"error","time":"1970-01-01T00:00:00.000Z","error":"no link (no route)","port":1,"msg":"bad"}\n',
  ])
})
