type Env = Readonly<Record<string, string>>

/** A command without the programs that only start it, and the environment it gets. */
export type Unwrapped = { readonly command: readonly string[]; readonly env: Env }

/** How to read past a program that starts another in its place: options whose value follows, and operands before it. */
type Wrapper = { readonly valued: readonly string[]; readonly operands: number }

/** By base name, from the manuals of coreutils and util-linux. */
const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  env: { valued: ['-u', '--unset', '-C', '--chdir'], operands: 0 },
  nice: { valued: ['-n', '--adjustment'], operands: 0 },
  nohup: { valued: [], operands: 0 },
  setsid: { valued: [], operands: 0 },
  time: { valued: ['-f', '--format', '-o', '--output'], operands: 0 },
  timeout: { valued: ['-s', '--signal', '-k', '--kill-after'], operands: 1 },
  ionice: { valued: ['-c', '--class', '-n', '--classdata'], operands: 0 },
  stdbuf: { valued: ['-i', '--input', '-o', '--output', '-e', '--error'], operands: 0 },
  taskset: { valued: [], operands: 1 },
  chrt: { valued: ['-T', '-P', '-D'], operands: 1 },
}

/** More than anybody nests. */
const MAX_DEPTH = 8

const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s

/** The words after the wrapper's own; `undefined` when nothing of a command is left. */
function inner(words: readonly string[], { valued, operands }: Wrapper): readonly string[] | undefined {
  let at = 1
  for (let word = words[at]; word?.startsWith('-'); word = words[at]) {
    at += 1
    if (word === '--') break
    if (valued.includes(word)) at += 1
  }
  at += operands
  return at < words.length ? words.slice(at) : undefined
}

/** What `env` makes of the environment, and the command after its assignments. */
function throughEnv(words: readonly string[], rest: readonly string[], env: Env): Unwrapped | undefined {
  const own = words.slice(1, words.length - rest.length)
  // -S splits a string into a command: whoever writes that means something we do not read.
  if (own.some(word => /^(?:-[a-z]*S|--split-string)/.test(word))) return undefined
  const isEmpty = own.some(word => ['-', '-i', '--ignore-environment'].includes(word))
  const after: Record<string, string> = isEmpty ? {} : { ...env }
  for (const [index, word] of own.entries()) if (word === '-u') delete after[own[index + 1] ?? '']
  let at = 0
  for (let match = ASSIGNMENT.exec(rest[at] ?? ''); match !== null; match = ASSIGNMENT.exec(rest[at] ?? '')) {
    after[match[1] ?? ''] = match[2] ?? ''
    at += 1
  }
  return at < rest.length ? { command: rest.slice(at), env: after } : undefined
}

/**
 * The command that does the work: `nice -n 5 env JAVA_TOOL_OPTIONS=-Xmx1g java -jar a.jar` wants what java will want.
 * What cannot be read past is the command itself.
 */
export function unwrap(command: readonly string[], env: Env): Unwrapped {
  let seen: Unwrapped = { command, env }
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const path = seen.command[0] ?? ''
    const name = path.slice(path.lastIndexOf('/') + 1)
    const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined
    const rest = wrapper === undefined ? undefined : inner(seen.command, wrapper)
    if (rest === undefined) return seen
    const next = name === 'env' ? throughEnv(seen.command, rest, seen.env) : { command: rest, env: seen.env }
    if (next === undefined) return seen
    seen = next
  }
  return seen
}
