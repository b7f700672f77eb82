import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { farAway, inBothWorlds } from './worlds.ts'

inBothWorlds('a process among others', world => {
  it('13: ps shows the command, with its arguments, where it was typed', async () => {
    const { stdout } = await world.shell('$RUN sleep 987 & sleep 0.5; ps -o comm=,args= -p $!; kill $!')
    expect(stdout).toMatch(/^sleep +sleep 987 *\n$/)
  })

  it('14: make runs its steps side by side and builds the same', async () => {
    const rule = 'all: $(addprefix f,$(shell seq 12))\nf%:\n\t@$(RUN) sh -c "echo $* >$@; sleep 0.05"\n'
    writeFileSync(join(world.folder(), 'Makefile'), rule)
    const script = `cd ${world.folder()} && make -s -j4 && cat $(seq -f f%g 12)`
    const { stdout } = await world.shell(script)
    expect(stdout).toBe(Array.from({ length: 12 }, (_, i) => `${i + 1}\n`).join(''))
  })

  it('15: what a command has written is there for the next', async () => {
    const script = `cd ${world.folder()}; for i in $(seq 100); do $RUN sh -c "echo $i >out" && test "$(cat out)" = $i || echo wrong $i; done`
    expect((await world.shell(script)).stdout).toBe('')
  })
})

farAway('shims', world => {
  /** Runs a script with a shim for `readlink` first in PATH. */
  const shimmed = async (script: string, env: NodeJS.ProcessEnv = {}) => {
    const shims = join(world.folder(), 'shims')
    mkdirSync(shims, { recursive: true })
    symlinkSync(world.relay().deputy, join(shims, `readlink`))
    try {
      const path = `${shims}:${process.env['PATH']}`
      return await world.shell(script, { env: { PATH: path, GODWIT_RUN: world.relay().folder, ...env } })
    } finally {
      await world.shell(`rm ${shims}/readlink`)
    }
  }
  // At home the parent is the shell that typed it, elsewhere its keeper.
  const whose = 'readlink /proc/self/exe; :'

  it('19: find the real program, and never themselves', async () => {
    expect(await shimmed(whose)).toMatchObject({ stdout: '/usr/bin/readlink\n', status: 0 })
    expect(await shimmed(`sh -c '${whose}'`)).toMatchObject({ stdout: '/usr/bin/readlink\n', status: 0 })
  })

  it('14: stay at home with a descriptor that cannot be carried', async () => {
    const { stdout } = await shimmed('exec 7> >(cat >&2); readlink /proc/self/fd/7; :')
    expect(stdout).toMatch(/^pipe:/)
  })

  it('21: run here when off, and when nobody answers', async () => {
    expect((await shimmed(whose, { GODWIT: 'off' })).stdout).toBe('/usr/bin/readlink\n')
    expect((await shimmed(whose, { GODWIT_RUN: '/nowhere' })).stdout).toBe('/usr/bin/readlink\n')
  })
})
