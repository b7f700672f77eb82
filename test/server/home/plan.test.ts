import { describe, expect, it } from 'vitest'
import { Home } from '../../../config/home.ts'
import { kernelExports } from '../../../server/home/exportfs.ts'
import { type HomeFacts, planHome } from '../../../server/home/plan.ts'
import { restartAfterMs } from '../../../server/home/restart.ts'

const ALL: HomeFacts = {
  nfsdThreads: 8,
  hasExportfs: true,
  hasGanesha: true,
  isRoot: true,
  hasFolder: true,
}
const plan = (home: object, facts: Partial<HomeFacts> = {}) =>
  planHome(Home.parse(home), { ...ALL, ...facts })

describe('planHome', () => {
  it('serves nothing unless asked: NFS with sec=sys believes everybody', () => {
    expect(plan({})).toEqual({ kind: 'off' })
  })

  it("takes the kernel's server where it runs, ganesha where not", () => {
    expect(plan({ mode: 'auto' })).toEqual({ kind: 'kernel', folder: '/home', at: '/home' })
    expect(plan({ mode: 'auto' }, { nfsdThreads: 0 })).toMatchObject({ kind: 'ganesha' })
    expect(plan({ mode: 'ganesha' })).toMatchObject({ kind: 'ganesha' })
  })

  it('shows the folder under another name by ganesha only', () => {
    const other = { folder: '/srv/people', at: '/home' }
    expect(plan({ mode: 'ganesha', ...other })).toEqual({ kind: 'ganesha', ...other })
    expect(plan({ mode: 'kernel', ...other })).toMatchObject({
      kind: 'impossible',
      reason: expect.stringContaining('home.at'),
    })
  })

  it.each([
    [{ mode: 'auto' }, { isRoot: false }, /root/],
    [{ mode: 'auto' }, { hasFolder: false }, /no folder \/home/],
    [{ mode: 'auto' }, { nfsdThreads: 0, hasGanesha: false }, /nfs-ganesha-vfs/],
    [{ mode: 'kernel' }, { nfsdThreads: 0 }, /nfs-server\.service/],
    [{ mode: 'kernel' }, { hasExportfs: false }, /nfs-kernel-server/],
  ])('says what is missing: %o with %o', (home, facts, reason) => {
    const planned = plan(home, facts)
    expect(planned.kind === 'impossible' ? planned.reason : planned.kind).toMatch(reason)
  })

  it.each(['home', '/', '/home/../etc', '/a b', '/a"b', '/a;b', '/..'])('refuses the folder %s', folder => {
    expect(Home.safeParse({ folder }).success).toBe(false)
  })
})

it("names the kernel's exports by network", () => {
  const cidr = { address: '10.77.0.1', prefixLength: 24 } as never
  expect(kernelExports('/home', [cidr])).toEqual(['10.77.0.0/24:/home'])
})

it('starts a server that fails again less and less often', () => {
  expect([1, 2, 3, 7, 100].map(restartAfterMs)).toEqual([500, 1000, 2000, 30_000, 30_000])
})
