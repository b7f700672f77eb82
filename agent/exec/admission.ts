/** Under this much available memory nothing is started: the kernel would kill somebody at once. */
export const ADMISSION_FLOOR_BYTES = 16 << 20

/** What the last word is spoken on: the ticket's reservation and the memory there is at this moment. */
export type AdmissionRequest = {
  /** What placement reserved. */
  readonly memoryBytes: number
  readonly totalBytes: number
  readonly availableBytes: number
}

/** Whether this node takes the process now. */
export type Admission =
  | { readonly kind: 'admitted' }
  | {
      readonly kind: 'refused'
      readonly reason: 'exceeds-node-memory' | 'memory-taken' | 'memory-exhausted'
      readonly detail: string
    }

/**
 * The node's last word before exec. Placement has decided on a report that may be a second old; only here is the
 * present known, and a refusal costs one retry where an acceptance would cost an out-of-memory kill. The
 * cgroup's limit is no demand: it only ends a runaway, and may well be more than the node has.
 */
export function admit(request: AdmissionRequest): Admission {
  const { memoryBytes, totalBytes, availableBytes } = request
  if (memoryBytes > totalBytes)
    return refused('exceeds-node-memory', `wants ${mib(memoryBytes)}, the node has ${mib(totalBytes)}`)
  if (memoryBytes > availableBytes)
    return refused('memory-taken', `wants ${mib(memoryBytes)}, ${mib(availableBytes)} are available now`)
  if (availableBytes < ADMISSION_FLOOR_BYTES)
    return refused('memory-exhausted', `only ${mib(availableBytes)} are available`)
  return { kind: 'admitted' }
}

function refused(reason: Extract<Admission, { kind: 'refused' }>['reason'], detail: string): Admission {
  return { kind: 'refused', reason, detail }
}

function mib(sizeBytes: number): string {
  return `${Math.round(sizeBytes / 2 ** 20)} MiB`
}
