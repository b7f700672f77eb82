import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { advertisementConfig } from '../../../server/boot/advertisement.ts'

describe('advertisementConfig', () => {
  // The flaws of F36 are in EDK2's own IPv6 options, DNS and DHCPv6 code: nothing of that kind may come from us.
  it('F36 tells firmware nothing over IPv6 but that there is no router', () => {
    const settings = advertisementConfig('eth1').match(/[A-Z]\w+ [^;]+;|\b(?:prefix|route|RDNSS|DNSSL)\b/g)
    expect(settings).toEqual([
      'AdvSendAdvert on;',
      'MinRtrAdvInterval 3;',
      'MaxRtrAdvInterval 4;',
      'AdvDefaultLifetime 0;',
      'IgnoreIfMissing on;',
    ])
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
