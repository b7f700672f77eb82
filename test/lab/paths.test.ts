import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chooseRunDir, labPaths, machineFiles, SOCKET_PATH_MAX_BYTES } from '../../lab/paths.ts'

test.each([
  ['/home/me/godwit/.godwit/lab', '/home/me/godwit/.godwit/lab/run'],
  [`/home/${'d'.repeat(80)}`, '/tmp/godwit-lab-cafe0001'],
  [`/home/${'ü'.repeat(40)}`, '/tmp/godwit-lab-cafe0001'],
])('the sockets of the lab in %s are in %s', (labDir, runDir) => {
  expect(chooseRunDir(labDir, '/tmp/godwit-lab-cafe0001')).toEqual({ kind: 'fits', runDir })
})

test('a temporary folder with a long name is refused with the path and its size', () => {
  const long = `/${'d'.repeat(90)}`
  expect(chooseRunDir(`${long}/lab`, `${long}/tmp`)).toEqual({
    kind: 'too-long',
    path: expect.stringContaining(`${long}/tmp/`),
    sizeBytes: 120,
  })
})

test('every socket path of a chosen folder fits', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }),
      fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/),
      (folder, name) => {
        const choice = chooseRunDir(`/${folder}`, '/tmp/short')
        if (choice.kind !== 'fits') throw new Error('/tmp/short always fits')
        const paths = labPaths(`/${folder}`, choice.runDir)
        const { consoleSocket, qmpSocket } = machineFiles(paths, name)
        for (const socket of [consoleSocket, qmpSocket, paths.adminSocket, paths.controlSocket])
          expect(new TextEncoder().encode(socket).length).toBeLessThanOrEqual(SOCKET_PATH_MAX_BYTES)
      },
    ),
  )
})
