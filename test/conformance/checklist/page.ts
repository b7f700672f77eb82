/** One row of docs/conformance.md: a check, and the links to its tests. */
export type CheckRow = { readonly number: string; readonly text: string; readonly testedIn: string }

const ROW = /^\| (C\d{3}|F\d{2}) \| (.*?) \| (.*?) \| ?(.*?) ?\|$/
const REASON = /^\| (C\d{3}|F\d{2}) \| ([^|]+?) \|$/

/** The rows of the checklist on the page, in its order. */
export function rowsOf(page: string): readonly CheckRow[] {
  return page.split('\n').flatMap(line => {
    const [, number, text, , testedIn] = ROW.exec(line) ?? []
    return number === undefined ? [] : [{ number, text: text ?? '', testedIn: testedIn ?? '' }]
  })
}

/** Why a check has no test, by number. */
export function reasonsOf(page: string): ReadonlyMap<string, string> {
  return new Map(
    page.split('\n').flatMap(line => {
      const [, number, reason] = REASON.exec(line) ?? []
      return number === undefined ? [] : [[number, reason ?? ''] as const]
    }),
  )
}

/** The page with the last column of each check made from `tests` (file paths below `test/`). */
export function withTests(page: string, tests: ReadonlyMap<string, readonly string[]>): string {
  const lines = page.split('\n').map(line => {
    const [, number = '', text, after] = ROW.exec(line) ?? []
    return number === '' ? line : `| ${number} | ${text} | ${after} | ${linksTo(tests.get(number))} |`
  })
  return lines.join('\n')
}

function linksTo(paths: readonly string[] = []): string {
  return paths.map(path => `[${path.replace('.test.ts', '')}](../test/${path})`).join(', ')
}
