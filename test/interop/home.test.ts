import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { whyNoNamespaces } from './dhcp-cable.ts'
import { type Running, run } from './dhcp-lab.ts'
import { layTwoNetworks, type TwoNetworks } from './two-networks.ts'

const reason = whyNoNamespaces()
if (reason !== undefined) console.warn(`tests of the home folder are skipped: ${reason}`)

const GODWIT = fileURLToPath(new URL('../../cli/godwit.js', import.meta.url))
const ALICE = 4242
const WAIT = { timeout: 30_000, interval: 100 }

/** The whole server, its home folder on a file system of its own, and libnfs as the client, a stranger to ours. */
describe.skipIf(reason !== undefined)('the home folder over NFS', () => {
  let networks: TwoNetworks
  let folder: string
  let server: Running

  /** What `PROGRAM URL` of libnfs-utils says as the user `uid` in the nodes' network; `undefined` when it fails. */
  const nfs = (program: string, path: string, uid: number, ...before: readonly string[]) => {
    const url = `nfs://${networks.a.serverAddress}/home/${path}?version=4&uid=${uid}&gid=${uid}`
    const argv = ['netns', 'exec', networks.a.client, program, ...before, url]
    const { status, stdout } = spawnSync('ip', argv, { encoding: 'utf8', timeout: 10_000 })
    return status === 0 ? stdout : undefined
  }
  const cat = (name: string, uid = ALICE) => nfs('nfs-cat', `alice/${name}`, uid)
  const list = () => nfs('nfs-ls', 'alice', ALICE) ?? ''
  const local = (name: string) => join(folder, 'home/alice', name)
  const write = (name: string, text: string) => {
    writeFileSync(local(name), text)
    chownSync(local(name), ALICE, ALICE)
  }
  const ganesha = () =>
    spawnSync('pgrep', ['-f', `ganesha.nfsd.*${folder}`], { encoding: 'utf8' }).stdout.trim()

  beforeAll(async () => {
    networks = layTwoNetworks('hm')
    networks.plug(networks.b)
    folder = mkdtempSync(join(tmpdir(), 'godwit-home-'))
    chmodSync(folder, 0o755)
    mkdirSync(join(folder, 'home'))
    // Container hosts have an overlay below /tmp, which gives no NFS handles; a tmpfs does.
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=0755', `gw-home-${process.pid}`, join(folder, 'home')])
    mkdirSync(join(folder, 'home/alice'), { mode: 0o700 })
    chownSync(join(folder, 'home/alice'), ALICE, ALICE)
    write('hello', 'from the server\n')
    const home = ['GODWIT_HOME_MODE=ganesha', `GODWIT_HOME_FOLDER=${folder}/home`, 'GODWIT_HOME_AT=/home']
    const serve = [process.execPath, GODWIT, 'serve', '--state', join(folder, 'state')]
    const argv = ['env', 'GODWIT_DHCP_MODE=off', ...home, ...serve, '--interface', networks.a.serverDevice]
    server = run('ip', ['netns', 'exec', networks.server, ...argv])
    await server.until(/godwit serves/)
    await vi.waitFor(() => expect(list()).toContain('hello'), WAIT)
  })
  afterAll(async () => {
    await server?.end('SIGTERM')
    networks?.remove()
    spawnSync('umount', [join(folder, 'home')])
    rmSync(folder, { recursive: true, force: true })
  })

  test('a node sees what is here, with the same owner, and what it writes is here', () => {
    expect(cat('hello')).toBe('from the server\n')
    expect(list()).toMatch(new RegExp(`${ALICE}\\s+${ALICE}\\s+16 hello`))
    const source = join(folder, 'source')
    writeFileSync(source, 'from a node\n')
    expect(nfs('nfs-cp', 'alice/back', ALICE, source)).toBeDefined()
    expect(readFileSync(local('back'), 'utf8')).toBe('from a node\n')
  })

  test('another user, and root of a node, may not', () => {
    write('private', 'x')
    expect(cat('private', ALICE + 1)).toBeUndefined()
    expect(cat('private', 0)).toBeUndefined()
    expect(cat('private')).toBe('x')
  })

  test('a change made here is seen at once: content, new name, other file under the name, no name', () => {
    const wrong: string[] = []
    const expectSame = (what: string, seen: unknown, wanted: unknown) =>
      seen === wanted || wrong.push(`${what}: ${String(seen)}`)
    for (let round = 0; round < 20; round += 1) {
      const text = `round ${round}`
      write('same', text)
      expectSame('content', cat('same'), text)
      expectSame('absent', cat(`new${round}`), undefined)
      write(`new${round}`, text)
      expectSame('new', cat(`new${round}`), text)
      expectSame('listed', list().includes(` new${round}\n`), true)
      renameSync(local(`new${round}`), local('same'))
      expectSame('renamed', cat('same'), text)
      expectSame('gone', cat(`new${round}`), undefined)
    }
    expect(wrong).toEqual([])
  })

  test('nothing listens on the other network', () => {
    const { client, serverAddress } = networks.b
    const url = `nfs://${serverAddress}/home/?version=4`
    expect(spawnSync('ip', ['netns', 'exec', client, 'nfs-ls', url], { timeout: 10_000 }).status).not.toBe(0)
  })

  test('a killed NFS server is started again, and ends with ours', async () => {
    const before = ganesha()
    expect(before).not.toBe('')
    process.kill(Number(before.split('\n')[0]), 'SIGKILL')
    await vi.waitFor(() => expect(list()).toContain('hello'), WAIT)
    expect(ganesha()).not.toBe(before)
    await server.end('SIGTERM')
    await vi.waitFor(() => expect(ganesha()).toBe(''), WAIT)
  })
})
