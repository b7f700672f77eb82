import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../cli/main.ts'
import packageJson from '../package.json' with { type: 'json' }
import { ERRORS } from '../protocol/errors.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const pages = ['README.md', ...readdirSync(join(ROOT, 'docs')).map(name => `docs/${name}`)].filter(path =>
  path.endsWith('.md'),
)

/** `godwit …` commands in the shell blocks of a page, without prompts, comments and what follows `--`. */
function commandsIn(text: string): readonly string[] {
  const blocks = [...text.matchAll(/```(?:sh|console)\n([\s\S]*?)```/g)].map(match => match[1] ?? '')
  return blocks.flatMap(block =>
    block.split('\n').flatMap(line => {
      const bare = line.replace(/^\$ /, '').replace(/\s#.*$/, '')
      const match = /(?:^|[|;&]\s*|sudo |npx )godwit ((?:[^|;&>\n])*)/.exec(bare)
      return match?.[1] === undefined ? [] : [match[1].trim()]
    }),
  )
}

describe('the documentation', () => {
  it('lists every error code with its meaning, and no other', () => {
    const rows = [...read('docs/errors.md').matchAll(/^\| `(GW_\w+)` \| (.*?) \| (.*?) \|$/gm)].map(
      ([, code, meaning, next]) => [code, { meaning, next }],
    )
    expect(Object.fromEntries(rows)).toEqual(ERRORS)
  })

  it('justifies every dependency in one line, and no other', () => {
    const listed = [...read('docs/dependencies.md').matchAll(/^\| `([@\w/.-]+)` \|/gm)]
      .map(match => match[1])
      .sort()
    const declared = [
      ...Object.keys(packageJson.dependencies),
      ...Object.keys(packageJson.devDependencies),
    ].sort()
    expect(listed).toEqual(declared)
  })

  it('pins every dependency exactly', () => {
    const versions = { ...packageJson.dependencies, ...packageJson.devDependencies }
    const loose = Object.entries(versions).filter(
      ([, version]) => !/^(npm:[@\w/-]+@)?\d+\.\d+\.\d+$/.test(version),
    )
    expect(loose).toEqual([])
  })

  it.each(pages)('%s names only commands and options that exist', async page => {
    const program = await createProgram([])
    expect(commandsIn(read(page)).flatMap(line => faultsOf(program, line))).toEqual([])
  })

  it('shows every command somewhere', async () => {
    const program = await createProgram([])
    const shown = pages.flatMap(page => commandsIn(read(page))).join('\n')
    const missing = leaves(program).filter(words => !new RegExp(`^${words}(\\s|$)`, 'm').test(shown))
    expect(missing).toEqual([])
  })

  it.each(pages)('%s links only to files that exist', page => {
    const targets = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(match => match[1] ?? '')
    const missing = targets.filter(target => {
      try {
        read(join(page, '..', target))
        return false
      } catch (error) {
        return (error as NodeJS.ErrnoException).code !== 'EISDIR'
      }
    })
    expect(missing).toEqual([])
  })
})

/** What is wrong with one documented command line: an unknown subcommand or long option. */
function faultsOf(program: Command, line: string): readonly string[] {
  const words = (line.split(/\s--\s/)[0] ?? '').split(/\s+/).filter(word => word !== '')
  let command = program
  const faults: string[] = []
  for (const word of words) {
    const child = command.commands.find(candidate => candidate.name() === word)
    if (child) command = child
    else if (command.commands.length > 0 && /^[a-z-]+$/.test(word) && !word.startsWith('-'))
      faults.push(`${line}: no command ${word}`)
    else if (word.startsWith('--') && word !== '--' && !knows(command, program, word))
      faults.push(`${line}: no option ${word}`)
  }
  return faults
}

function knows(command: Command, program: Command, word: string): boolean {
  const name = word.split('=')[0]
  return name === '--help' || [...command.options, ...program.options].some(option => option.long === name)
}

function leaves(command: Command, words: readonly string[] = []): readonly string[] {
  if (command.commands.length === 0) return [words.join(' ')]
  return command.commands.flatMap(child => leaves(child, [...words, child.name()]))
}
