import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openScene, type Scene } from '../agent/scene.ts'
import { LEAN_JVM } from '../jobs/lean-jvm.ts'
import { command } from '../native/command.ts'
import { whyNoNative } from '../native/relay.ts'

const SOURCE = fileURLToPath(new URL('../jobs/Say.java', import.meta.url))
const TURNS = 1000
/** Shells side by side, as many as there are processors to be expected. */
const SHELLS = 2
const LEAN = ['-Xmx32m', ...LEAN_JVM]

const reason = whyNoNative()
if (reason !== undefined) console.warn(`a thousand turns of java and cat are skipped: ${reason}`)

/**
 * Home and node with all that is between them: deputy, door, link, agent, keeper. Folder and kernel are the same, for
 * the kernels that tests run on may have no NFS; over NFS it is done by test/e2e/shims.test.ts, less often.
 */
describe.skipIf(reason !== undefined)('java … && cat out', () => {
  let scene: Scene
  let folder: string
  beforeAll(async () => {
    scene = await openScene()
    folder = mkdtempSync(join(tmpdir(), 'godwit-cat-'))
    execFileSync('javac', ['-d', folder, SOURCE])
  })
  afterAll(async () => {
    await scene?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test(`is right ${TURNS} times in a row`, { timeout: 900_000 }, async () => {
    const java = [...scene.prefix, 'java', ...LEAN, '-cp', '.', 'Say'].join(' ')
    const shell = async (number: number) => {
      const script = `turn=0
        while [ $turn -lt ${TURNS / SHELLS} ]; do turn=$((turn + 1))
          seen=$(${java} out.${number} $turn && cat out.${number})
          [ "$seen" = $turn ] || echo "turn $turn: $seen"
        done; echo $turn turns`
      return command(['bash', '-c', script], { cwd: folder })
    }
    const outcomes = await Promise.all(Array.from({ length: SHELLS }, (_, number) => shell(number)))
    for (const outcome of outcomes)
      expect(outcome).toEqual({ status: 0, signal: null, stderr: '', stdout: `${TURNS / SHELLS} turns\n` })
    const ended = scene.facts.filter(({ type }) => type === 'process-ended')
    expect(ended).toHaveLength(TURNS)
  })
})
