import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { advertisementConfig } from '../../../server/boot/advertisement.ts'

describe('advertisementConfig', () => {
  it('names no router and no prefix', () => {
    const config = advertisementConfig('eth1')
    expect(config).toContain('AdvDefaultLifetime 0;')
    expect(config).not.toContain('prefix')
  })

  it('is what radvd itself accepts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'godwit-radvd-'))
    const path = join(folder, 'radvd.conf')
    await writeFile(path, advertisementConfig('br-godwit'), { mode: 0o644 })
    const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }
    const status = await new Promise(resolve => {
      execFile('radvd', ['--configtest', '--config', path], { env }, error =>
        resolve(error === null ? 0 : error.code),
      )
    })
    await rm(folder, { recursive: true })
    expect(status).toBe(0)
  })
})
