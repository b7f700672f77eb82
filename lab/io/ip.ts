import { execa } from 'execa'
import { LabFailure } from '../failure.ts'

/** Runs `ip -batch` lines in the namespace this process lives in; throws LabFailure with what `ip` said. */
export function runIp(lines: readonly string[]): Promise<void> {
  return runBatch('ip', lines, 'bridge, tun and veth')
}

/** The same with `tc -batch` lines, which shape a cable. */
export function runTc(lines: readonly string[]): Promise<void> {
  return runBatch('tc', lines, 'sch_tbf')
}

async function runBatch(program: 'ip' | 'tc', lines: readonly string[], modules: string): Promise<void> {
  const input = `${lines.join('\n')}\n`
  const result = await execa(program, ['-batch', '-'], { input, reject: false })
  if (result.exitCode === 0) return
  throw new LabFailure(
    'network-failed',
    `The lab's network cannot be made (${result.stderr.trim() || result.shortMessage})`,
    `Check that the kernel has the modules ${modules}`,
  )
}

/**
 * Shows this network namespace's devices in /sys/class/net; without it, /sys still shows the host's. Best
 * effort: a container may forbid the mount, and then only tools that read /sys see the wrong list.
 */
export async function remountSysfs(): Promise<string | undefined> {
  const result = await execa('mount', ['-t', 'sysfs', 'sysfs', '/sys'], { reject: false, stdin: 'ignore' })
  return result.exitCode === 0 ? undefined : result.stderr.trim()
}
