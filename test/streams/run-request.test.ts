import { expect, test } from 'vitest'
import { RunRequest } from '../../protocol/admin.ts'
import { LINK_MAX_MESSAGE_BYTES } from '../../protocol/link.ts'
import { SIZING_VARIABLES } from '../../protocol/sizing-variables.ts'
import { runRequest } from '../../streams/run-request.ts'

/** Each is six octets of JSON. */
const bells = (chars: number) => '\u0007'.repeat(chars)

function ask(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  argFiles: Readonly<Record<string, string>> = {},
): RunRequest {
  const claim = { uid: 1000, gid: 1000, groups: [] }
  const run = { kind: 'asked', argv, claim, cwd: '/', env, argFiles, options: new Map() } as const
  const asked = runRequest(run, '0'.repeat(64), 'home', undefined)
  if (asked.kind !== 'request') throw new Error(asked.message)
  return RunRequest.parse(asked.request)
}

test('a question has the command and the variables that size it', () => {
  const env = { JAVA_TOOL_OPTIONS: '-Xmx1g', GOMAXPROCS: '2' }
  expect(ask(['java', '-jar', 'x'], env)).toMatchObject({ command: ['java', '-jar', 'x'], env, uid: 1000 })
})

test('a question fits a message to the server, whatever a user puts into it', () => {
  const env = Object.fromEntries(SIZING_VARIABLES.map(name => [name, bells(20_000)]))
  const files = { small: '-Xmx1g', large: bells(65_000), another: bells(60_000) }
  const asked = ask(['true', bells(60_000), bells(60_000)], { ...env, GOMAXPROCS: '2' }, files)
  expect(Object.keys(asked.argFiles ?? {})).toEqual(['small', 'large'])
  expect(Buffer.byteLength(JSON.stringify(asked))).toBeLessThan(LINK_MAX_MESSAGE_BYTES)
  expect(Object.keys(asked.env)).toEqual(['JDK_JAVA_OPTIONS', 'GOMAXPROCS'])
})
