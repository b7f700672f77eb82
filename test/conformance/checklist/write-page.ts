/** `npm run conformance`: brings the last column of docs/conformance.md up to date and says what is still open. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { numberedTests } from './numbered-tests.ts'
import { reasonsOf, rowsOf, withTests } from './page.ts'

const PAGE = fileURLToPath(new URL('../../../docs/conformance.md', import.meta.url))

const page = withTests(readFileSync(PAGE, 'utf8'), numberedTests())
writeFileSync(PAGE, page)
const rows = rowsOf(page)
const reasons = reasonsOf(page)
const open = rows.filter(row => row.testedIn === '' && !reasons.has(row.number)).map(row => row.number)
const tested = rows.filter(row => row.testedIn !== '').length
process.stdout.write(`${tested} of ${rows.length} checks have a test, ${reasons.size} a reason why not\n`)
if (open.length > 0) process.stdout.write(`neither test nor reason: ${open.join(' ')}\n`)
process.exitCode = open.length > 0 ? 1 : 0
