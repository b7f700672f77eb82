import type { Job } from './scenario.ts'

/** What a policy set aside for a run; one that keeps no books sets nothing aside. */
export type Pledge = {
  readonly threads: number
  readonly memoryBytes: number
  /** How long such jobs usually live, milliseconds; `null` where nothing is known. */
  readonly lifeMs: number | null
}

/** One try of a job on a host. The engine changes it; policies only look. */
export type Run = {
  readonly job: Job
  /** From 1; more than that after it was killed for want of memory. */
  readonly attempt: number
  readonly pledge: Pledge
  readonly placedS: number
  /** Index of the host it is on, or goes to while it migrates. */
  host: number
  /** Threads that run at once there. */
  width: number
  /** Seconds of a reference core it had left when it came to this host. */
  leftS: number
  /** Virtual time of its host at which it ends, see {@link Host}. */
  endsAt: number
  heapIndex: number
  /** Seconds of the host's processor it used so far on hosts it left. */
  usedCpuS: number
}
