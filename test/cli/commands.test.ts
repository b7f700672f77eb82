import { describe, expect, it } from 'vitest'
import { createProgram } from '../../cli/main.ts'

async function namesFor(...args: readonly string[]): Promise<readonly string[]> {
  return (await createProgram(args)).commands.map(command => command.name())
}

describe('createProgram', () => {
  it.each([
    [['nodes'], ['nodes']],
    [['node', 'show', 'nodes'], ['node']],
    [['--socket', 'nodes', 'ps'], ['ps']],
    [['--socket=nodes', 'ps', '--all'], ['ps']],
  ])('%j is one command', async (args, names) => {
    expect(await namesFor(...args)).toEqual(names)
  })

  it.each([[[]], [['--help']], [['help', 'nodes']], [['nodse']], [['constructor']], [['completion']]])(
    '%j needs all of them',
    async args => {
      expect((await namesFor(...args)).length).toBeGreaterThan(15)
    },
  )

  it('adds each under the name that it is found by', async () => {
    for (const name of await namesFor())
      if (name !== 'completion') expect(await namesFor(name)).toEqual([name])
  })
})
