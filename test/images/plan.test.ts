import { expect, test } from 'vitest'
import { type Action, planBuild, type Step } from '../../images/plan.ts'
import { printPlan } from '../../images/print-plan.ts'
import { CONTEXT, INPUTS, sampleRecipe } from './samples.ts'

const names = (steps: readonly Step[]): readonly string[] => steps.map(step => step.name)
const actions = (steps: readonly Step[], name: Step['name']): readonly Action[] =>
  steps.find(step => step.name === name)?.actions ?? []
const argvs = (steps: readonly Step[], name: Step['name']): readonly (readonly string[])[] =>
  actions(steps, name).flatMap(action => (action.kind === 'run' ? [action.argv] : []))

test('a first build installs packages, a second does not', () => {
  const first = planBuild(sampleRecipe(), INPUTS, CONTEXT)
  const second = planBuild(sampleRecipe(), INPUTS, { ...CONTEXT, base: { ...CONTEXT.base, isCached: true } })
  expect(names(first)).toEqual(['files', 'runtime', 'packages', 'root'])
  expect(names(second)).toEqual(['files', 'runtime', 'root'])
})

test('the packages stage appears under its name only when it is whole', () => {
  const [run, move] = actions(planBuild(sampleRecipe(), INPUTS, CONTEXT), 'packages')
  if (run?.kind !== 'run') throw new Error('no command')
  expect(run.argv.at(-1)).toBe('/cache/.partial-7')
  expect(move).toEqual({ kind: 'move', from: '/cache/.partial-7', to: '/cache/base-ab.tar' })
})

test('mmdebstrap gets the recipe, and no mirror', () => {
  const [argv = []] = argvs(planBuild(sampleRecipe(), INPUTS, CONTEXT), 'packages')
  expect(argv).toEqual(
    expect.arrayContaining([
      'mmdebstrap',
      '--mode=auto',
      '--components=main',
      '--include=linux-image-amd64,busybox',
      '--dpkgopt=path-exclude=/usr/share/doc/*',
    ]),
  )
  expect(argv.at(-2)).toBe('trixie')
  expect(argv.join(' ')).toContain('GODWIT_NIC_EXCLUDE="mellanox sfc"')
  expect(argv.join(' ')).not.toMatch(/\w:\/\//)
})

test('masked units are links to /dev/null, agent and home folder are wanted early', () => {
  const links = actions(planBuild(sampleRecipe(), INPUTS, CONTEXT), 'files').filter(
    action => action.kind === 'link' && !action.path.includes('/shims/'),
  )
  const overlay = `${CONTEXT.workDir}/overlay/etc/systemd/system`
  expect(links).toEqual([
    {
      kind: 'link',
      path: `${overlay}/sysinit.target.wants/godwit-agent.service`,
      target: '/usr/lib/systemd/system/godwit-agent.service',
    },
    {
      kind: 'link',
      path: `${overlay}/sysinit.target.wants/godwit-home.service`,
      target: '/usr/lib/systemd/system/godwit-home.service',
    },
    { kind: 'link', path: `${overlay}/getty.target`, target: '/dev/null' },
  ])
})

test('every shim leads to the deputy', () => {
  const links = actions(planBuild(sampleRecipe(), INPUTS, CONTEXT), 'files').filter(
    action => action.kind === 'link' && action.path.includes('/shims/'),
  )
  expect(links).toEqual(
    ['java', 'povray'].map(name => ({
      kind: 'link',
      path: `${CONTEXT.workDir}/overlay/usr/lib/godwit/shims/${name}`,
      target: '/usr/lib/godwit/godwit-deputy',
    })),
  )
})

test.each([
  ['root takes namespaces of its own', true, ['unshare', '--mount'], 'make'],
  [
    'anybody else a user namespace too',
    false,
    ['unshare', '--map-root-user', '--map-auto', '--mount'],
    'bind',
  ],
])('%s', (_, isRoot, start, devices) => {
  const plan = planBuild(sampleRecipe(), INPUTS, { ...CONTEXT, isRoot })
  const [argv = []] = argvs(plan, 'root')
  expect(argv.slice(0, start.length)).toEqual(start)
  expect(actions(plan, 'root')[0]).toMatchObject({ env: { GODWIT_DEVICES: devices } })
  expect(argv.slice(-5)).toEqual([
    '/images/.build-7/assemble.sh',
    '/cache/base-ab.tar',
    '/images/.build-7/overlay',
    '/images/.build-7/initramfs',
    '/images/.build-7/out',
  ])
})

test('assembling knows what to remove, the demo and the time stamp', () => {
  const [run] = actions(planBuild(sampleRecipe('squashfs: {zstdLevel: 9}'), INPUTS, CONTEXT), 'root')
  if (run?.kind !== 'run') throw new Error('no command')
  expect(run.env).toMatchObject({
    GODWIT_REMOVE: '/var/log/*\n/var/cache/apt/*',
    GODWIT_DEMO_CLASS: 'Threads',
    SOURCE_DATE_EPOCH: '1700000000',
  })
  expect(run.env['GODWIT_SQUASHFS']).toContain('-Xcompression-level 9')
})

test('without binutils the runtime stays as it is, and the step says so', () => {
  const runtime = { ...INPUTS.runtime, canStrip: false }
  const step = planBuild(sampleRecipe(), { ...INPUTS, runtime }, CONTEXT).find(
    ({ name }) => name === 'runtime',
  )
  expect(step?.actions.map(({ kind }) => kind)).toEqual(['copy'])
  expect(step?.title).toContain('unstripped')
})

test('a printed plan names every step and is quoted for a shell', () => {
  const text = printPlan(planBuild(sampleRecipe(), INPUTS, CONTEXT))
  expect(text.match(/^\d+\. /gm)).toHaveLength(4)
  expect(text).toContain(`'--aptopt=Acquire::Languages "none"'`)
  expect(text).toContain('move /cache/.partial-7 -> /cache/base-ab.tar')
})
