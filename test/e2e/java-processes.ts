import type { LabStatus } from '../../lab/status.ts'
import { godwit } from './godwit.ts'

/** A JVM as /proc of its node shows it. A task is a thread of the kernel's, `process` the one that it belongs to. */
export type JavaProcess = {
  readonly pid: number
  readonly argv: readonly string[]
  readonly tasks: readonly { readonly id: number; readonly process: number; readonly cgroup: string }[]
}

/**
 * Every process that executes a `java`, a deputy of that name not among them; each thread that is found anywhere in
 * /proc is listed with the process that the kernel says it belongs to.
 */
const SCRIPT = `ls -l /proc/[0-9]*/exe 2>/dev/null | sed -n 's#.* /proc/\\([0-9]*\\)/exe -> .*/bin/java$#\\1#p' |
while read pid; do
  echo "process $pid $(tr '\\0' ' ' </proc/$pid/cmdline)"
  grep -sH '^Tgid:' /proc/$pid/task/*/status
  grep -sH '^0::' /proc/$pid/task/*/cgroup
done; :`
/** `/proc/7/task/9/status:Tgid:    7` and `/proc/7/task/9/cgroup:0::/the/group`. */
const FACT = /^\/proc\/(\d+)\/task\/(\d+)\/\w+:(Tgid|0:):\s*(.*)$/

/** Reads them on a node. */
export async function javaProcesses(lab: LabStatus, nodeName: string): Promise<readonly JavaProcess[]> {
  const { status, stdout, stderr } = await godwit(lab, ['run', '--on', nodeName, '--', 'sh', '-c', SCRIPT])
  if (status !== 0) throw new Error(`${nodeName} did not show its processes: ${stderr}`)
  const lines = stdout.split('\n')
  const facts = lines.flatMap(line => {
    const [, pid, id, name, value = ''] = FACT.exec(line) ?? []
    return name === undefined ? [] : [{ pid: Number(pid), id: Number(id), name, value }]
  })
  return lines
    .filter(line => line.startsWith('process '))
    .map(line => {
      const [, text, ...argv] = line.trim().split(' ')
      const pid = Number(text)
      const own = facts.filter(fact => fact.pid === pid)
      const tasks = own
        .filter(({ name }) => name === 'Tgid')
        .flatMap(({ id, value }) => {
          // One that has ended in between is in none.
          const cgroup = own.find(fact => fact.id === id && fact.name === '0:')?.value
          return cgroup === undefined ? [] : [{ id, process: Number(value), cgroup }]
        })
      return { pid, argv, tasks }
    })
}
