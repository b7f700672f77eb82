import { formatBytes } from '../config/values/bytes.ts'
import type { Action, Step } from './plan.ts'

/** The plan as text for people, one action a line, commands quoted so that a shell would take them. */
export function printPlan(steps: readonly Step[]): string {
  const lines = steps.flatMap((step, index) => [
    `${index + 1}. ${step.title}`,
    ...step.actions.map(action => `   ${printAction(action)}`),
  ])
  return `${lines.join('\n')}\n`
}

function printAction(action: Action): string {
  switch (action.kind) {
    case 'write':
      return `write ${action.path} (${formatBytes(action.bytes.length)}${action.executable ? ', executable' : ''})`
    case 'link':
      return `link ${action.path} -> ${action.target}`
    case 'copy':
    case 'move':
      return `${action.kind} ${action.from} -> ${action.to}`
    case 'run': {
      const env = Object.entries(action.env).map(([name, value]) => `${name}=${quote(value)}`)
      return [...env, ...action.argv.map(quote)].join(' ')
    }
  }
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
