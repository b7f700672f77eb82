import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TftpFile } from '../../../../server/tftp/file.ts'
import { openFromDirectory } from '../../../../server/tftp/io/directory.ts'

let base = ''
let open: (request: { readonly path: readonly string[] }) => Promise<TftpFile | undefined>

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'godwit-tftp-')))
  const root = join(base, 'root')
  await mkdir(join(root, 'sub'), { recursive: true })
  await writeFile(join(base, 'secret'), 'secret')
  await writeFile(join(root, 'loader.efi'), 'loader')
  await writeFile(join(root, 'private'), 'x')
  await writeFile(join(root, 'big'), Buffer.alloc(200_000, 'abcdefg'))
  for (const file of ['root/loader.efi', 'root/big', 'secret']) await chmod(join(base, file), 0o644)
  await chmod(join(root, 'private'), 0o600)
  await symlink('../loader.efi', join(root, 'sub/link.efi'))
  await symlink(join(base, 'secret'), join(root, 'out'))
  await symlink('/', join(root, 'slash'))
  await symlink('loop', join(root, 'loop'))
  execFileSync('mkfifo', [join(root, 'fifo')])
  await symlink(root, join(base, 'linked-root'))
  await mkdir(join(base, 'root-beside'))
  await writeFile(join(base, 'root-beside/file'), 'x')
  await symlink('../root-beside/file', join(root, 'beside'))
  open = openFromDirectory(root)
})
afterAll(() => rm(base, { recursive: true }))

async function read(file: TftpFile | undefined, offset: number, length: number): Promise<string | undefined> {
  if (file === undefined) return undefined
  const bytes = await file.read(offset, length).finally(() => file.close())
  return Buffer.from(bytes).toString()
}

describe('openFromDirectory', () => {
  it('opens a file, a link inside the root, and a root that is itself a link', async () => {
    expect(await read(await open({ path: ['loader.efi'] }), 0, 100)).toBe('loader')
    expect(await read(await open({ path: ['sub', 'link.efi'] }), 3, 2)).toBe('de')
    const linked = openFromDirectory(join(base, 'linked-root'))
    expect(await read(await linked({ path: ['loader.efi'] }), 0, 6)).toBe('loader')
  })

  const absent = [
    ['missing'],
    ['sub'],
    ['loader.efi', 'below'],
    ['out'],
    ['beside'],
    ['slash', 'etc', 'passwd'],
    ['..', 'secret'],
    ['loop'],
    ['fifo'],
    ['private'],
    ['x'.repeat(300)],
  ]
  it.each(absent.map(path => [path.join('/').slice(0, 30), path] as const))(
    'has nothing at %s',
    async (_, path) => {
      expect(await open({ path })).toBeUndefined()
    },
  )

  it('follows a link out of the root only to a file named beforehand (Debian keeps ipxe.efi in /boot)', async () => {
    const root = join(base, 'root')
    const withSecret = openFromDirectory(root, { linkTargets: [join(base, 'secret')] })
    expect(await read(await withSecret({ path: ['out'] }), 0, 100)).toBe('secret')
    expect(await withSecret({ path: ['beside'] })).toBeUndefined()
    expect(await openFromDirectory(root, { linkTargets: [base] })({ path: ['out'] })).toBeUndefined()
  })

  it('has nothing while its folder does not exist', async () => {
    expect(await openFromDirectory(join(base, 'no-such-root'))({ path: ['x'] })).toBeUndefined()
  })

  it('reads any part and ends at the size of its opening', async () => {
    const expected = Buffer.alloc(200_000, 'abcdefg').toString()
    expect(await read(await open({ path: ['big'] }), 65_530, 70_000)).toBe(expected.slice(65_530, 135_530))
    expect(await read(await open({ path: ['big'] }), 199_990, 4096)).toBe(expected.slice(199_990))
  })

  it.each([
    ['cut', 10],
    ['grown', 2000],
  ])('rejects to read a file that was %s since it was opened', async (name, sizeBytes) => {
    const path = join(base, 'root', name)
    await writeFile(path, Buffer.alloc(1000))
    await chmod(path, 0o644)
    const file = await open({ path: [name] })
    await truncate(path, sizeBytes)
    await expect(read(file, 0, 1000)).rejects.toThrow('file changed while it was read')
    expect(file?.sizeBytes).toBe(1000)
  })

  it('finds another spelling where case is ignored, and below boot/ always (Windows)', async () => {
    const root = join(base, 'root')
    await mkdir(join(root, 'Boot'), { recursive: true })
    await writeFile(join(root, 'Boot', 'BCD'), 'bcd')
    await chmod(join(root, 'Boot', 'BCD'), 0o644)
    expect(await read(await open({ path: ['bOOT', 'bcd'] }), 0, 10)).toBe('bcd')
    expect(await open({ path: ['BIG'] })).toBeUndefined()
    const ignoring = openFromDirectory(root, { ignoreCase: true })
    expect(await read(await ignoring({ path: ['BIG'] }), 0, 7)).toBe('abcdefg')
    expect(await ignoring({ path: ['nothing', 'like', 'it'] })).toBeUndefined()
  })
})
