import { expect, it } from 'vitest'
import { homeState } from '../../../agent/home/state.ts'

const ROOT = '22 1 0:20 / / rw,relatime shared:1 - overlay godwit rw'
const HOME =
  '90 22 0:45 / /home rw,nosuid,nodev,relatime shared:50 - nfs4 10.77.0.1:/home rw,vers=4.2,hard,sec=sys'

it('sees the mount in /proc/self/mountinfo', () => {
  expect(homeState('/home', `${ROOT}\n${HOME}\n`, '')).toEqual({ folder: '/home', state: 'mounted' })
})

it.each([
  ['another folder is mounted by NFS', HOME.replaceAll('/home ', '/srv ')],
  ['something else is mounted there', HOME.replace('nfs4', 'tmpfs')],
  ['a folder of the image has the name', ROOT],
])('does not take it for mounted when %s', (_, mountinfo) => {
  expect(homeState('/home', mountinfo, '')).toEqual({
    folder: '/home',
    state: 'absent',
    reason: 'not mounted yet',
  })
})

it("tells the mount's own words in one line", () => {
  const problem = 'mount: /home: mount(2) system call failed:\n  Connection refused.\n'
  expect(homeState('/home', ROOT, problem).reason).toBe(
    'mount: /home: mount(2) system call failed: Connection refused.',
  )
})
