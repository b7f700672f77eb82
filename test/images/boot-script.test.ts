import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'

const images = fileURLToPath(new URL('../../images', import.meta.url))
const functions = join(images, 'initramfs/scripts/godwit-functions')
const dir = mkdtempSync(join(tmpdir(), 'godwit-boot-script-'))
afterAll(() => rmSync(dir, { recursive: true }))

/** Runs `script` with the pure functions loaded, in the shell of the initrd (busybox) or of Debian (dash). */
function shell(script: string): { readonly status: number | null; readonly stdout: string } {
  const { status, stdout } = spawnSync('sh', ['-euc', `. ${functions}\n${script}`], { encoding: 'utf8' })
  return { status, stdout: stdout.trimEnd() }
}

function file(name: string, text: string): string {
  writeFileSync(join(dir, name), text)
  return join(dir, name)
}

test('every shell file has no syntax error', () => {
  const scripts = readdirSync(join(images, 'initramfs/scripts')).map(name => `initramfs/scripts/${name}`)
  for (const path of [...scripts, 'initramfs/hooks/godwit', 'assemble.sh'])
    execFileSync('sh', ['-n', join(images, path)])
})

describe('the kernel command line', () => {
  const line = [
    'boot=godwit BOOTIF=01-52-54-00-AB-00-01 godwit.server=10.77.0.1 godwit.http=7080 godwit.boot=b-1',
    'godwit.root=http://10.77.0.1:7080/v1/images/x/root.squashfs?a=b godwit.size=200 godwit.ip=10.77.0.9/24',
    'godwit.name=old godwit.name=pc-1 godwit.sha256=ab -- godwit.unknown=1',
  ].join(' ')

  test.each([
    ['mac', '52:54:00:ab:00:01'],
    ['server', '10.77.0.1'],
    ['root', 'http://10.77.0.1:7080/v1/images/x/root.squashfs?a=b'],
    ['ip', '10.77.0.9/24'],
    ['name', 'pc-1'],
    ['gw', ''],
  ])('godwit_%s is "%s"', (name, value) => {
    expect(shell(`godwit_parse ${file('cmdline', line)}; echo "$godwit_${name}"`).stdout).toBe(value)
  })

  test.each([
    ['01-52-54-00-77-00-01', '52:54:00:77:00:01'],
    ['52:54:00:77:00:01', '52:54:00:77:00:01'],
  ])('BOOTIF=%s is %s', (bootif, mac) => {
    expect(shell(`godwit_mac_of_bootif ${bootif}`).stdout).toBe(mac)
  })
})

describe('RAM', () => {
  const check = (needBytes: string, haveKib: number) =>
    shell(`godwit_check_ram "${needBytes}" ${file('meminfo', `MemTotal: ${haveKib} kB\nMemFree: 1 kB\n`)}`)

  test('too little is one sentence with both numbers', () => {
    expect(check(String(612 * 2 ** 20), 480 * 1024)).toEqual({
      status: 1,
      stdout: 'this image needs 612 MiB of RAM, this machine has 480 MiB',
    })
  })

  test.each([
    ['exactly enough', String(480 * 2 ** 20), 480 * 1024],
    ['plenty, beyond 32 bits', String(6 * 2 ** 30), 8 * 2 ** 20],
    ['nothing asked for', '', 1024],
  ])('%s is fine', (_, needBytes, haveKib) => {
    expect(check(needBytes, haveKib)).toEqual({ status: 0, stdout: '' })
  })
})

test.each([
  ['57 of 210', '59768832 220200960', '57 of 210 MiB (27 %)'],
  ['beyond 32 bits', '3221225472 6442450944', '3072 of 6144 MiB (50 %)'],
  ['unknown size', '59768832', '57 MiB'],
])('progress: %s', (_, parameters, text) => {
  expect(shell(`godwit_progress ${parameters}`).stdout).toBe(text)
})

test('a detail cannot break out of its query parameter', () => {
  expect(shell(`godwit_query 'eth0 1/2 (50 %)&stage=ready#"'`).stdout).toBe('eth0+1/2+(50+%25)_stage_ready__')
})
