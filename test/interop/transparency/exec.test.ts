import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { farAway, inBothWorlds } from './worlds.ts'

inBothWorlds('what exec hands on', world => {
  it('1: arguments with spaces, newlines, quotes, and empty ones', async () => {
    const odd = ['', ' ', 'a b', 'line\nbreak', '"quoted"', "it's", '*', '$HOME', '\\', '-n', '--']
    const { stdout } = await world.run(['printf', '<%s>', ...odd])
    expect(stdout).toBe(odd.map(text => `<${text}>`).join(''))
  })

  it('1: the name it was called by, and a script without a first line', async () => {
    const script = join(world.folder(), 'bare')
    writeFileSync(script, 'echo "$0 $#"\n', { mode: 0o755 })
    expect((await world.shell(`cd ${world.folder()} && $RUN ./bare x y`)).stdout).toMatch(/bare 2\n$/)
    expect((await world.run(['bash', '-c', 'echo $BASH; cat /proc/$$/comm; :'])).stdout).toMatch(
      /bash\nbash\n$/,
    )
  })

  it('2: the working directory, by its own name', async () => {
    const place = join(world.folder(), 'a folder\nwith a line break')
    mkdirSync(place, { recursive: true })
    symlinkSync(place, join(world.folder(), 'link'))
    const { stdout } = await world.run(['sh', '-c', 'pwd -P'], { cwd: place })
    expect(stdout).toBe(`${place}\n`)
    const { stdout: logical } = await world.shell(`cd ${world.folder()}/link && $RUN sh -c pwd`)
    expect(logical).toBe(`${world.folder()}/link\n`)
  })

  it('3: the environment, also what is no text and no name', async () => {
    const script = `env -i PATH="$PATH" EMPTY= 'a.b=dotted' 'BASH_FUNC_x%%=() {  :
}' "$(printf 'BYTES=\\377\\001\\n')" 'SPACE= x ' $RUN env -0 | sort -z | od -An -c`
    const { stdout } = await world.shell(script)
    const plain = await world.shell(script.replace('$RUN', ''))
    expect(stdout).toBe(plain.stdout)
    expect(stdout).toContain('377')
  })

  it('4: user, group, supplementary groups, umask', async () => {
    const user = 'setpriv --reuid=65534 --regid=65534 --groups=5,27,65534'
    if (world.name === 'far away') openDoor(world.relay().folder)
    const { stdout } = await world.shell(`umask 027; cd /; ${user} $RUN sh -c 'id; umask; id -ru'`)
    expect(stdout).toMatch(
      /^uid=65534\(nobody\) gid=65534\(nogroup\) groups=65534\(nogroup\),5\(tty\),27\(sudo\)\n0027\n65534\n$/,
    )
  })

  it('4: no new privileges, when they were given up', async () => {
    const { stdout } = await world.shell('setpriv --no-new-privs $RUN grep NoNewPrivs /proc/self/status')
    expect(stdout).toBe('NoNewPrivs:\t1\n')
    expect((await world.run(['grep', 'NoNewPrivs', '/proc/self/status'])).stdout).toBe('NoNewPrivs:\t0\n')
  })

  it('5: every limit, soft and hard', async () => {
    const set =
      'ulimit -c 7; ulimit -Sn 123; ulimit -Hn 456; ulimit -t 100; ulimit -Ss 4096; ulimit -f 100000; ulimit -Sl 32'
    const show = "sh -c 'cat /proc/self/limits'"
    const { stdout } = await world.shell(`${set}; $RUN ${show}`)
    const plain = await world.shell(`${set}; ${show}`)
    expect(stdout).toBe(plain.stdout)
    expect(stdout).toMatch(/Max open files +123 +456 /)
    const all = await world.shell(`${set}; $RUN bash -c 'ulimit -a'`)
    expect(all.stdout).toBe((await world.shell(`${set}; bash -c 'ulimit -a'`)).stdout)
  })

  it('6: nice and ionice', async () => {
    expect((await world.shell('nice -n 7 $RUN nice')).stdout).toBe(`${getPriority() + 7}\n`)
    expect((await world.shell('ionice -c 2 -n 6 $RUN ionice')).stdout).toBe('best-effort: prio 6\n')
    expect((await world.shell('chrt --batch 0 $RUN sh -c "chrt -p \\$\\$"')).stdout).toContain('SCHED_BATCH')
  })

  it('10: ignored and blocked signals', async () => {
    const { stdout } = await world.shell(`trap '' HUP USR1; $RUN grep -E 'Sig(Ign|Blk)' /proc/self/status`)
    const plain = await world.shell(`trap '' HUP USR1; grep -E 'Sig(Ign|Blk)' /proc/self/status`)
    expect(stdout).toBe(plain.stdout)
  })
})

farAway('what cannot be taken along', world => {
  it('2: a removed working directory keeps a shim at home', async () => {
    const shims = join(world.folder(), 'shims')
    mkdirSync(shims)
    symlinkSync(world.relay().deputy, join(shims, 'sh'))
    const script = `mkdir ${world.folder()}/gone; cd ${world.folder()}/gone; rmdir ../gone; ${shims}/sh -c 'echo $PPID; kill -0 $PPID && echo parent'`
    const { stdout } = await world.shell(script, { env: { GODWIT_RUN: world.relay().folder } })
    expect(stdout).toContain('parent')
  })

  it('3: sockets of this machine are not named to another', async () => {
    const { stdout } = await world.run(['env'], {
      env: { SSH_AUTH_SOCK: '/tmp/agent', DISPLAY: ':0', KEPT: '1' },
    })
    expect(stdout).toContain('KEPT=1')
    expect(stdout).not.toMatch(/SSH_AUTH_SOCK|DISPLAY/)
  })
})

/** Lets an ordinary user come to this test's door. */
function openDoor(folder: string): void {
  for (const path of [folder, join(folder, 'users'), join(folder, 'users', '0')]) chmodSync(path, 0o755)
  chmodSync(join(folder, 'users', '0', 'run.sock'), 0o777)
}
