import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const TEST_FOLDER = fileURLToPath(new URL('../..', import.meta.url))

/** A test's title begins with the number of its check: `'C034 two clients …'`, `'F03 …'`. */
const TITLE = /['"`](C\d{3}|F\d{2}) /g

/** The test files (paths below `test/`) that hold a test for each number of the checklist. */
export function numberedTests(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  const files = readdirSync(TEST_FOLDER, { recursive: true, encoding: 'utf8' })
  for (const path of files.filter(name => name.endsWith('.test.ts')).sort())
    for (const number of numbersIn(readFileSync(`${TEST_FOLDER}/${path}`, 'utf8')))
      found.set(number, [...(found.get(number) ?? []), path])
  return found
}

/** The numbers that titles in this source text begin with, once each. */
export function numbersIn(source: string): ReadonlySet<string> {
  return new Set([...source.matchAll(TITLE)].map(match => match[1] ?? ''))
}
