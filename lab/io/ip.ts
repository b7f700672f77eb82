import { execa } from 'execa'
import { LabFailure } from '../failure.ts'

/** Runs `ip -batch` lines in the namespace this process lives in; throws LabFailure with what `ip` said. */
export async function runIp(lines: readonly string[]): Promise<void> {
  const result = await execa('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n`, reject: false })
  if (result.exitCode === 0) return
  throw new LabFailure(
    'network-failed',
    `The lab's network cannot be made (${result.stderr.trim()})`,
    'Check that the kernel has the modules bridge and tun',
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
