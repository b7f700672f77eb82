import { chown, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LAB_USER } from '../../lab/people.ts'
import type { NodeView } from '../../protocol/node.ts'
import { godwit, until } from './godwit.ts'
import { openRig, type Rig } from './rig.ts'

const reason = process.getuid?.() === 0 ? undefined : 'only root can serve files by NFS'
if (reason !== undefined) console.warn(`tests of the home folder on nodes are skipped: ${reason}`)

describe.skipIf(reason !== undefined)('the home folder on a node', () => {
  let rig: Rig
  let node: NodeView
  let homes = ''

  /** What a shell command of the lab's ordinary user prints on the node. */
  const asUser = async (script: string) => {
    const { name, uid, gid } = LAB_USER
    const login = [
      'setpriv',
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--init-groups',
      'env',
      `HOME=/home/${name}`,
    ]
    const run = await godwit(rig.lab, ['run', '--on', node.name, '--', ...login, 'sh', '-c', script])
    expect(run, script).toMatchObject({ status: 0 })
    return run.stdout
  }

  beforeAll(async () => {
    rig = await openRig({ bios: 1 })
    homes = join(rig.lab.labDir, 'state/homes')
    node = await until(
      'a node that is ready',
      async () => (await rig.nodes()).find(({ state }) => state === 'ready'),
      600_000,
    )
  })
  afterAll(() => rig?.close())

  test('is mounted soon after the node is ready', async () => {
    const readyAtMs = Date.now()
    const home = await until('the home folder', async () => {
      const [{ home = null } = { home: null }] = await rig.nodes()
      return home?.state === 'mounted' ? home : undefined
    })
    expect(home).toEqual({ folder: '/home', state: 'mounted' })
    process.stderr.write(`  home mounted ${Date.now() - readyAtMs} ms after ready\n`)
  })

  test('shows the files of here, as the same user', async () => {
    await writeFile(join(homes, 'lab/here'), 'written on the server\n')
    await chown(join(homes, 'lab/here'), LAB_USER.uid, LAB_USER.gid)
    expect(await asUser('cat ~/here; stat -c %U:%G ~/here; id -un; echo there >~/there')).toBe(
      'written on the server\nlab:lab\nlab\n',
    )
    expect(await readFile(join(homes, 'lab/there'), 'utf8')).toBe('there\n')
    expect(await stat(join(homes, 'lab/there'))).toMatchObject({ uid: LAB_USER.uid, gid: LAB_USER.gid })
  })
})
