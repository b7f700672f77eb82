import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LAB_USER } from '../../lab/people.ts'
import type { NodeView } from '../../protocol/node.ts'
import { until } from './godwit.ts'
import { buildDefaultImage } from './image.ts'
import { openRig, type Rig } from './rig.ts'
import { putUserFile, userHome, userShell } from './user-shell.ts'

const reason = process.getuid?.() === 0 ? undefined : 'only root can serve files by NFS'
if (reason !== undefined) console.warn(`tests of the home folder on nodes are skipped: ${reason}`)

describe.skipIf(reason !== undefined)('the home folder on a node', () => {
  let rig: Rig
  let node: NodeView
  let home = ''

  const asUser = (script: string) => userShell(rig.lab, node.name, script)
  const put = (name: string, text: string) => putUserFile(rig.lab, name, text)

  beforeAll(async () => {
    await buildDefaultImage()
    rig = await openRig({ bios: 1 })
    home = userHome(rig.lab)
    node = await until(
      'a node that is ready',
      async () => (await rig.nodes()).find(({ state }) => state === 'ready'),
      600_000,
    )
  })
  afterAll(() => rig?.close())

  test('is mounted soon after the node is ready', async () => {
    const readyAtMs = Date.now()
    const mounted = await until('the home folder', async () => {
      const [first] = await rig.nodes()
      return first?.home?.state === 'mounted' ? first.home : undefined
    })
    expect(mounted).toEqual({ folder: '/home', state: 'mounted' })
    process.stderr.write(`  home mounted ${Date.now() - readyAtMs} ms after ready\n`)
  })

  test('shows the files of here, as the same user', async () => {
    await put('here', 'written on the server\n')
    expect(await asUser('cat ~/here; stat -c %U:%G ~/here; id -un; echo there >~/there')).toBe(
      'written on the server\nlab:lab\nlab\n',
    )
    expect(await readFile(join(home, 'there'), 'utf8')).toBe('there\n')
    expect(await stat(join(home, 'there'))).toMatchObject({ uid: LAB_USER.uid, gid: LAB_USER.gid })
  })

  test('is right at every turn: what one side wrote and renamed, the other reads', async () => {
    const turns = 20
    const there = asUser(`cd ~; turn=1; while [ $turn -le ${turns} ]; do
      until [ -e ping.$turn ]; do sleep 0.02; done
      echo "$(cat ping.$turn) $(cat same)" >same.there; mv same.there back.$turn
      turn=$((turn + 1)); done`)
    for (let turn = 1; turn <= turns; turn += 1) {
      await writeFile(join(home, 'same'), `same ${turn}\n`)
      await put(`ping.${turn}`, `ping ${turn}\n`)
      const back = await until(`turn ${turn}`, () =>
        readFile(join(home, `back.${turn}`), 'utf8').catch(() => undefined),
      )
      expect(back).toBe(`ping ${turn} same ${turn}\n`)
    }
    await there
  })

  test('holds a program compiled and run there', async () => {
    await put('Hi.java', 'class Hi { public static void main(String[] a) { System.out.println("hi"); } }')
    expect(await asUser('cd ~ && javac -d . Hi.java && java -Xshare:auto Hi >out && cat out')).toBe('hi\n')
    expect(await readFile(join(home, 'out'), 'utf8')).toBe('hi\n')
  })
})
