import type { Command } from 'commander'

type Add = (program: Command) => void

/**
 * All commands in the order of `godwit --help`, and what adds each to the program. Each is loaded by itself: to load
 * all of them takes longer than most of them take.
 */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  serve: async () => (await import('./commands/serve.ts')).addServe,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  capture: async () => (await import('./commands/capture.ts')).addCapture,
  image: async () => (await import('./commands/image.ts')).addImage,
  nodes: async () => (await import('./commands/nodes.ts')).addNodes,
  node: async () => (await import('./commands/node.ts')).addNode,
  run: async () => (await import('./commands/run.ts')).addRun,
  ps: async () => (await import('./commands/ps.ts')).addPs,
  last: async () => (await import('./commands/last.ts')).addLast,
  logs: async () => (await import('./commands/logs.ts')).addLogs,
  attach: async () => (await import('./commands/attach.ts')).addAttach,
  wait: async () => (await import('./commands/wait.ts')).addWait,
  why: async () => (await import('./commands/why.ts')).addWhy,
  history: async () => (await import('./commands/history.ts')).addHistory,
  kill: async () => (await import('./commands/kill.ts')).addKill,
  shim: async () => (await import('./commands/shim.ts')).addShim,
  lab: async () => (await import('./commands/lab.ts')).addLab,
  simulate: async () => (await import('./commands/simulate.ts')).addSimulate,
  config: async () => (await import('./commands/config.ts')).addConfig,
  completion: async () => (await import('./commands/completion.ts')).addCompletion,
}
/** It prints the options of all others. */
const NEEDS_ALL = 'completion'

/** What adds the command that is asked for; all of them for help, or when there is no such command. */
export async function commandsFor(args: readonly string[]): Promise<readonly Add[]> {
  const word = commandWord(args)
  const only = Object.entries(COMMANDS).filter(([name]) => name === word && name !== NEEDS_ALL)
  const wanted = only.length === 0 ? Object.entries(COMMANDS) : only
  return Promise.all(wanted.map(([, load]) => load()))
}

/** The first word that is neither an option of the program itself nor the value of one. */
function commandWord(args: readonly string[]): string | undefined {
  const [first, ...others] = args
  if (first === undefined || !first.startsWith('-')) return first
  return commandWord(first === '--socket' ? others.slice(1) : others)
}
