import Table from 'cli-table3'

/** Column headers and rows as a plain table without lines, two blanks between columns; empty text for no rows. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '',
    },
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [] },
  })
  table.push(...rows.map(row => row.map(harmless)))
  return table
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n')
}

/** `text` without what a terminal would obey: much that is shown was sent by machines. Line ends stay. */
export function harmless(text: string): string {
  return text.replace(/\p{Cc}/gu, character => (character === '\n' ? character : '?'))
}

/** Prints one JSON document, indented: people read it too. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

/** Says one line to the person at the terminal: on standard error, so that standard output stays data. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** `3.2 s`, `1 min 5 s`, `2 h 3 min`: a duration for people. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 9950) return `${(durationMs / 1000).toFixed(1)} s`
  const seconds = Math.round(durationMs / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
