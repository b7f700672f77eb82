import { expect, it } from 'vitest'
import { virtualFile } from '../../../server/boot/virtual-file.ts'

const scripts = { ipxe: '#!ipxe\n', grub: 'echo grub\n' }

it.each([
  [['autoexec.ipxe'], scripts.ipxe],
  [['any', 'folder', 'autoexec.ipxe'], scripts.ipxe],
  [['boot', 'grub', 'grub.cfg'], scripts.grub],
  [['boot.ipxe'], scripts.ipxe],
  [['autoexec.ipxe', 'x'], undefined],
  [['autoexec.ipxe.bak'], undefined],
  [[], undefined],
])('%j is made up: %j', (path, content) => {
  expect(virtualFile(path, scripts)).toBe(content)
})
