import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { farAway, inBothWorlds } from './worlds.ts'

const LONG_MS = 600_000

inBothWorlds('streams', world => {
  it('7: half-close: input ends, output goes on', async () => {
    const outcome = await world.run(['sh', '-c', 'cat | wc -c; echo more'], { input: 'x'.repeat(300_000) })
    expect(outcome).toMatchObject({ stdout: '300000\nmore\n', status: 0 })
  })

  it('7: sort reads 200 MB from a pipe', { timeout: LONG_MS }, async () => {
    // 22,222,223 lines of 9 octets. The right answer needs no sort: the same numbers upward.
    const { stdout } = await world.shell(
      `export LC_ALL=C; seq 34222222 -1 12000000 | $RUN sort -S 100M | cmp - <(seq 12000000 34222222) && echo sorted`,
    )
    expect(stdout).toBe('sorted\n')
  })

  it('7: a program that does not read takes nothing from a pipe', async () => {
    const { stdout } = await world.shell('seq 5 | while read line; do $RUN true; echo $line; done')
    expect(stdout).toBe('1\n2\n3\n4\n5\n')
  })

  it('7: a file is read from where it was, and left where the program stopped', async () => {
    const file = join(world.folder(), 'lines')
    writeFileSync(file, 'one\ntwo\nthree\nfour\n')
    const script = `{ read a; $RUN head -n 1; read b; echo "$a $b"; $RUN true; read c; echo $c; } <${file}`
    expect((await world.shell(script)).stdout).toBe('two\none three\nfour\n')
  })

  it('7: a program that closes its input ends whoever writes to it', async () => {
    const ended = join(world.folder(), 'ended')
    const reader = `exec <&-; until test -s ${ended}; do sleep 0.05; done; cat ${ended}`
    const script = `{ yes 2>/dev/null; echo "yes $?" >${ended}; } | $RUN sh -c '${reader}'`
    expect((await world.shell(script)).stdout).toBe('yes 141\n')
  })

  it('8: output and errors stay apart', async () => {
    const outcome = await world.run(['sh', '-c', 'for i in 1 2 3; do echo out$i; echo err$i >&2; done'])
    expect(outcome).toMatchObject({ stdout: 'out1\nout2\nout3\n', stderr: 'err1\nerr2\nerr3\n' })
  })

  it('8: and in their order where both are one pipe or one file', async () => {
    const mixed = `sh -c 'for i in 1 2 3 4 5 6 7 8 9; do echo out$i; echo err$i >&2; done'`
    const expected = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(i => `out${i}\nerr${i}\n`).join('')
    expect((await world.shell(`$RUN ${mixed} 2>&1 | cat`)).stdout).toBe(expected)
    const file = join(world.folder(), 'both')
    await world.shell(`$RUN ${mixed} >${file} 2>&1`)
    expect(readFileSync(file, 'utf8')).toBe(expected)
  })

  it('8: nothing is a terminal that was none, and closed ones are closed', async () => {
    const look = 'for i in 0 1 2; do test -t $i && echo tty $i; test -e /proc/$$/fd/$i && echo open $i; done'
    const { stdout } = await world.shell(`$RUN sh -c '${look}; :' </dev/null 2>&-`)
    expect(stdout).toBe('open 0\nopen 1\n')
  })

  it('15: appends to a file that others append to, and is seen at once after its end', async () => {
    const file = join(world.folder(), 'log')
    const script = `echo a >${file}; for i in 1 2 3 4 5; do $RUN sh -c "echo far$i" >>${file}; echo near$i >>${file}; tail -n 2 ${file} | tr '\\n' ' '; done`
    const { stdout } = await world.shell(script)
    expect(stdout).toBe([1, 2, 3, 4, 5].map(i => `far${i} near${i} `).join(''))
  })

  it('15: several commands write one after the other into one open file', async () => {
    const file = join(world.folder(), 'parts')
    await world.shell(`{ echo 1; $RUN echo 2; echo 3; $RUN sh -c 'echo 4; echo 5'; echo 6; } >${file}`)
    expect(readFileSync(file, 'utf8')).toBe('1\n2\n3\n4\n5\n6\n')
  })

  it('11: a reader that goes away ends the writer with SIGPIPE', async () => {
    const { stdout } = await world.shell('$RUN yes | head -n 2; echo "${PIPESTATUS[@]}"')
    expect(stdout).toBe('y\ny\n141 0\n')
  })

  it('8: binary passes in both directions as it is', async () => {
    const bytes = new Uint8Array(3_000_001).map((_, i) => (i * 7919 + (i >> 8)) & 0xff)
    const { stdout } = await world.run(['cat'], { input: bytes })
    expect(Buffer.from(stdout, 'latin1').equals(Buffer.from(bytes))).toBe(true)
  })
})

farAway('many streams', world => {
  it('200 at once: nothing lost, nothing doubled', { timeout: LONG_MS }, async () => {
    const runs = Array.from({ length: 200 }, async (_, i) => {
      const input = createHash('sha256').update(`${i}`).digest('hex').repeat(4096)
      const { stdout, status } = await world.run(['sh', '-c', 'tee /dev/stderr'], { input })
      return status === 0 && stdout === input
    })
    expect(await Promise.all(runs)).toEqual(runs.map(() => true))
  })
})
