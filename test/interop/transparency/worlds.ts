import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { command, type Options, type Outcome } from '../../native/command.ts'
import { openRelay, type Relay, whyNoNative } from '../../native/relay.ts'

/** One of the two places that nobody may be able to tell apart. */
export type World = {
  readonly name: 'at home' | 'far away'
  /** Runs a command to its end. */
  run(argv: readonly string[], options?: Options): Promise<Outcome>
  /** Runs a shell at home; in its script, `$RUN cmd` is `cmd` in this world. */
  shell(script: string, options?: Options): Promise<Outcome>
  /** What `$RUN` stands for. */
  prefix(): readonly string[]
  /** A folder for the test's files. */
  folder(): string
  /** Deputies, keeper and wire; the far world's only. */
  relay(): Relay
}

/**
 * The same tests in both worlds: plain exec, and through deputy and keeper. What passes in one and not in the other is
 * not transparent.
 */
export function inBothWorlds(name: string, tests: (world: World) => void): void {
  const why = whyNoNative()
  if (why !== undefined) console.warn(`${name} is skipped: ${why}`)
  for (const place of ['at home', 'far away'] as const)
    describe.skipIf(why !== undefined)(`${name}, ${place}`, () => tests(makeWorld(place)))
}

/** Tests of what only the far world has. */
export function farAway(name: string, tests: (world: World) => void): void {
  const why = whyNoNative()
  if (why !== undefined) console.warn(`${name} is skipped: ${why}`)
  describe.skipIf(why !== undefined)(name, () => tests(makeWorld('far away')))
}

function makeWorld(name: World['name']): World {
  let relay: Relay | undefined
  let folder = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'godwit-world-'))
    chmodSync(folder, 0o777)
    if (name === 'far away') relay = await openRelay()
  })
  afterAll(async () => {
    await relay?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const prefix = () => (relay === undefined ? [] : [relay.deputy, 'run', `--door=${relay.door}`, '--'])
  return {
    name,
    prefix,
    folder: () => folder,
    relay: () => {
      if (relay === undefined) throw new Error('home has no relay')
      return relay
    },
    run: (argv, options) => command([...prefix(), ...argv], options),
    shell: (script, options = {}) =>
      command(['bash', '-c', script], { ...options, env: { ...options.env, RUN: prefix().join(' ') } }),
  }
}
