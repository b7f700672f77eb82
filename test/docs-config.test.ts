import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { fieldRows } from '../cli/commands/config.ts'

const PAGE = fileURLToPath(new URL('../docs/config.md', import.meta.url))

/** The fields as the rows of a Markdown table; `|` in a cell would end it. */
function fieldTable(): string {
  const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``
  return fieldRows()
    .map(([field = '', value = '', variable = '', what = '']) => {
      const cells = [
        code(field),
        value === '-' ? '' : code(value),
        code(variable),
        what.replaceAll('|', '\\|'),
      ]
      return `| ${cells.join(' | ')} |`
    })
    .join('\n')
}

it('docs/config.md has every field as the schema has it', () => {
  const rows = readFileSync(PAGE, 'utf8')
    .split('\n')
    .filter(line => line.startsWith('| `'))
    .join('\n')
  expect(rows, `replace the rows of docs/config.md with:\n${fieldTable()}\n`).toBe(fieldTable())
})
