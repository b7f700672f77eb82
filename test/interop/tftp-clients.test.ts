import { createHash, randomBytes } from 'node:crypto'
import { access, chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFromDirectory } from '../../server/tftp/io/directory.ts'
import type { Rig } from '../server/tftp/tftp-rig.ts'
import { LOOPBACK, startRig } from '../server/tftp/tftp-rig.ts'

/** 78126 blocks of 512 octets: block numbers wrap. */
const LARGE_BYTES = 40_000_000
const SIZES = [0, 1, 511, 512, 513, 1024, 1468, 1468 * 40]

/** atftp with such options in its request. */
const withOptions =
  (...options: readonly string[]) =>
  (port: number, file: string, output: string): readonly string[] => [
    ...['-g', '-r', file, '-l', output],
    ...options.flatMap(option => ['--option', option]),
    ...[LOOPBACK, String(port)],
  ]

/** How each client program fetches `file` into `output`, in octet mode. */
const FETCH: Readonly<Record<string, (port: number, file: string, output: string) => readonly string[]>> = {
  curl: (port, file, output) => ['-sS', '-o', output, `tftp://${LOOPBACK}:${port}/${file}`],
  'curl --tftp-no-options': (port, file, output) => [
    '-sS',
    '--tftp-no-options',
    '-o',
    output,
    `tftp://${LOOPBACK}:${port}/${file}`,
  ],
  'curl --tftp-blksize 1468': (port, file, output) => [
    '-sS',
    '--tftp-blksize',
    '1468',
    '-o',
    output,
    `tftp://${LOOPBACK}:${port}/${file}`,
  ],
  atftp: (port, file, output) => ['-g', '-r', file, '-l', output, LOOPBACK, String(port)],
  'atftp windowsize 1': withOptions('windowsize 1'),
  'atftp windowsize 16': withOptions('windowsize 16'),
  'atftp windowsize 64': withOptions('windowsize 64'),
  'atftp windowsize 4 blksize 1468': withOptions('windowsize 4', 'blksize 1468'),
  tftp: (port, file, output) => ['-m', 'binary', LOOPBACK, String(port), '-c', 'get', file, output],
  busybox: (port, file, output) => ['tftp', '-g', '-r', file, '-l', output, LOOPBACK, String(port)],
  'busybox -b 1468': (port, file, output) => [
    'tftp',
    '-g',
    '-b',
    '1468',
    '-r',
    file,
    '-l',
    output,
    LOOPBACK,
    String(port),
  ],
}

const missing = new Set<string>()
for (const program of new Set(Object.keys(FETCH).map(client => client.split(' ')[0] ?? ''))) {
  const { failed } = await execa('which', [program], { reject: false })
  if (failed) missing.add(program)
}
if (missing.size > 0)
  console.warn(`skipped: no ${[...missing].join(', ')} on this machine (see scripts/setup)`)
const needs = (program: string): { skip: boolean } => ({ skip: missing.has(program) })

let base = ''
let rig: Rig
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'godwit-tftp-interop-'))
  const root = join(base, 'root')
  await mkdir(root)
  const files: [string, Uint8Array | string][] = SIZES.map(size => [`f${size}`, randomBytes(size)])
  files.push(['large', randomBytes(LARGE_BYTES)], ['text', 'one\ntwo\rthree\r\n'.repeat(300)])
  for (const [name, content] of files) {
    await writeFile(join(root, name), content)
    await chmod(join(root, name), 0o644)
  }
  await symlink('/etc/passwd', join(root, 'passwd'))
  rig = await startRig(openFromDirectory(root), { maxTransfersPerClient: 64, maxWindowSize: 64 })
})
afterAll(async () => {
  await rig.close()
  await rm(base, { recursive: true })
})

/** SHA-256 of what the client stored, or of nothing when it made no file (curl makes none of an empty one). */
async function digest(path: string): Promise<string> {
  const content = await readFile(path).catch(() => new Uint8Array())
  return createHash('sha256').update(content).digest('hex')
}

async function fetchWith(client: string, file: string, output: string): Promise<void> {
  const [program = ''] = client.split(' ')
  await execa(program, [...(FETCH[client]?.(rig.port, file, output) ?? [])], { cwd: base, timeout: 50_000 })
}

/** curl takes `tsize 0` in an OACK for an error (71), from any server; it is the right answer all the same. */
const REFUSES_EMPTY = new Set(['curl', 'curl --tftp-blksize 1468'])

describe.each(Object.keys(FETCH))('%s', client => {
  const [program = ''] = client.split(' ')
  const sizes = SIZES.filter(size => size > 0 || !REFUSES_EMPTY.has(client))

  const gets = async (file: string): Promise<void> => {
    const output = join(base, `${client.replaceAll(' ', '')}-${file}`)
    await fetchWith(client, file, output)
    expect(await digest(output)).toBe(await digest(join(base, 'root', file)))
    await rm(output, { force: true })
    await expect.poll(() => rig.transfers.at(-1)).toMatchObject({ path: file, outcome: 'complete' })
  }
  it.each(sizes.map(size => `f${size}`))('C119 gets %s unchanged', needs(program), gets)
  it('C130 gets 40 MB unchanged, block numbers beyond 65535', needs(program), () => gets('large'))
})

describe('windowsize', needs('atftp'), () => {
  it.each([1, 4, 16, 64])('C125 %i: the file arrives unchanged', async windowSize => {
    const output = join(base, `window-${windowSize}`)
    const options = withOptions(`windowsize ${windowSize}`, 'blksize 1428')(rig.port, 'large', output)
    await execa('atftp', options, { cwd: base, timeout: 50_000 })
    expect(await digest(output)).toBe(await digest(join(base, 'root/large')))
    await rm(output)
  })
})

describe('curl', needs('curl'), () => {
  const curl = (...args: string[]) =>
    execa('curl', ['-sS', '--max-time', '20', ...args], { reject: false, cwd: base })
  const url = (path: string): string => `tftp://${LOOPBACK}:${rig.port}/${path}`

  it('C144 is told that a file is missing (68)', async () => {
    expect((await curl(url('nix'))).exitCode).toBe(68)
  })

  it.each(['../../etc/passwd', '..%2f..%2fetc%2fpasswd', '..\\..\\etc\\passwd', 'x/../../etc/passwd'])(
    'C142 is refused %s (69)',
    async path => {
      const result = await curl('--path-as-is', url(path))
      expect(result).toMatchObject({ exitCode: 69, stdout: '' })
    },
  )

  it.each(['/etc/passwd', 'passwd', '%252e%252e/etc/passwd'])('C142 does not get %s (68)', async path => {
    expect(await curl('--path-as-is', url(path))).toMatchObject({ exitCode: 68, stdout: '' })
  })

  it('C138 may not write (69), and nothing is written', async () => {
    expect((await curl('-T', join(base, 'root/f1'), url('upload'))).exitCode).toBe(69)
    await expect(readFile(join(base, 'root/upload'))).rejects.toThrow('ENOENT')
  })

  it('C139 gets text with network line ends', async () => {
    const { stdout } = await execa('curl', ['-sS', url('text;mode=netascii')], { stripFinalNewline: false })
    expect(stdout).toBe('one\r\ntwo\r\0three\r\0\r\n'.repeat(300))
  })
})

describe('tftp-hpa in its default mode, netascii', needs('tftp'), () => {
  it('C139 gets text back as it was', async () => {
    const output = join(base, 'text')
    await execa('tftp', [LOOPBACK, String(rig.port), '-c', 'get', 'text', output], { cwd: base })
    expect(await readFile(output, 'utf8')).toBe('one\ntwo\rthree\r\n'.repeat(300))
  })
})

const LOADERS = ['undionly.kpxe', 'snponly.efi', 'ipxe.efi']
const hasLoaders = await access('/usr/lib/ipxe/undionly.kpxe').then(
  () => true,
  () => false,
)
if (!hasLoaders) console.warn('skipped: no Debian package ipxe on this machine (see scripts/setup)')

describe("the loaders of Debian's ipxe package", { skip: !hasLoaders || missing.has('atftp') }, () => {
  let loaders: Rig
  beforeAll(async () => {
    loaders = await startRig(openFromDirectory('/usr/lib/ipxe'))
  })
  afterAll(() => loaders?.close())

  it.each(LOADERS)('%s arrives as the package has it', async name => {
    const output = join(base, name)
    const options = ['blksize 1468', 'windowsize 4', 'tsize 0'].flatMap(option => ['--option', option])
    await execa('atftp', ['-g', '-r', name, '-l', output, ...options, LOOPBACK, String(loaders.port)])
    expect(await digest(output)).toBe(await digest(join('/usr/lib/ipxe', name)))
  })
})
