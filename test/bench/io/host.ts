import { arch, cpus, release, totalmem } from 'node:os'

/** The machine a benchmark ran on; figures of two machines are not compared. */
export type Host = {
  readonly cpu: string
  readonly threads: number
  readonly memoryBytes: number
  readonly arch: string
  readonly kernel: string
  readonly node: string
}

/** This machine. */
export function thisHost(): Host {
  const [first] = cpus()
  return {
    cpu: first?.model.trim() ?? 'unknown',
    threads: cpus().length,
    memoryBytes: totalmem(),
    arch: arch(),
    kernel: release(),
    node: process.version,
  }
}
