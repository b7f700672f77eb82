import type { RunSpec } from '../../protocol/run-spec.ts'

/** A command line, its environment and the folder it starts in. */
export type StartCommand = {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

/**
 * `$1` is the cgroup ('' for none), `$2` the umask; the rest is exec'd. The shell joins the cgroup *before* the
 * program exists, so that not one page or thread of it is counted elsewhere; then it is replaced, there is no
 * wrapper left. The agent is shielded from the kernel's out-of-memory killer; its shield must not be inherited.
 */
const SCRIPT = `
[ -z "$1" ] || echo $$ > "$1/cgroup.procs" || exit 125
echo 0 > /proc/self/oom_score_adj || exit 125
umask "$2" || exit 125
shift 2
exec "$@"`

/** Variables that a POSIX shell sets, or reads as its own, instead of handing them on as they are. */
const SHELL_VARIABLES = new Set(['PPID', 'LINENO', 'OPTIND', 'OPTARG', 'OLDPWD', '_', 'IFS', 'ENV', 'SHLVL'])
const SHELL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * How to start `spec` in `cgroup` (path of its folder, or `undefined` where the kernel has none for us). A user's
 * environment comes after the change of identity: its PATH and LD_PRELOAD must not choose what runs as root.
 */
export function startCommand(spec: RunSpec, cgroup: string | undefined, asRoot: boolean): StartCommand {
  const identity = asRoot ? identityCommand(spec) : []
  const exact = identity.length === 0 && survivesShell(spec)
  const program = [...identity, ...(exact ? [] : environmentCommand(spec)), ...spec.argv]
  return {
    file: '/bin/sh',
    args: ['-c', SCRIPT, 'godwit', cgroup ?? '', spec.umask.toString(8).padStart(4, '0'), ...program],
    env: exact ? spec.env : {},
    cwd: spec.cwd,
  }
}

/** Root stays root without a further program; for everybody else setpriv sets user, group and all groups. */
function identityCommand({ uid, gid, groups }: RunSpec): readonly string[] {
  if (uid === 0 && gid === 0 && groups.every(group => group === 0)) return []
  const supplementary = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`
  return ['/usr/bin/setpriv', `--reuid=${uid}`, `--regid=${gid}`, supplementary, '--']
}

/** Replaces the whole environment; `--` because a name may begin with a dash. */
function environmentCommand({ env }: RunSpec): readonly string[] {
  return ['/usr/bin/env', '-i', '--', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)]
}

/**
 * Whether the environment passes a shell unchanged. dash drops names that are no identifiers (exported bash
 * functions, Java's dotted ones) and sets PWD by itself; `env -i` restores those at the price of one more exec.
 */
function survivesShell({ env, cwd }: RunSpec): boolean {
  if (env['PWD'] !== cwd) return false
  return Object.keys(env).every(name => SHELL_NAME.test(name) && !SHELL_VARIABLES.has(name))
}
