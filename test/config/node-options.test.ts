import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SERVER_NODE_OPTIONS } from '../../config/node-options.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('who types `godwit serve`, and who measures placement, has the options of the server', () => {
  const options = SERVER_NODE_OPTIONS.join(' ')
  expect(read('cli/godwit.js').split('\n')[0]).toBe(`#!/usr/bin/env -S node ${options} --`)
  const { scripts } = JSON.parse(read('package.json'))
  expect(scripts.bench).toContain(`node ${options} `)
  expect(scripts.godwit).toBe(`node ${options} -- cli/godwit.js`)
})

test('Node.js takes them', () => {
  const told = execFileSync(process.execPath, [...SERVER_NODE_OPTIONS, '-p', 'process.execArgv.join()'], {
    encoding: 'utf8',
  })
  expect(told).toContain(SERVER_NODE_OPTIONS.join())
})
