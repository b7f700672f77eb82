/** What one check came to: `skipped` says in `detail` why it could not be made; `remedy` is what to do next. */
export type Finding = {
  /** A short stable name, `port 67/udp`. */
  readonly check: string
  readonly status: 'ok' | 'warn' | 'fail' | 'skipped'
  readonly detail: string
  readonly remedy: string | null
}

/** All is well. */
export function ok(check: string, detail: string): Finding {
  return { check, status: 'ok', detail, remedy: null }
}

/** It works, but not as it should. */
export function warn(check: string, detail: string, remedy: string): Finding {
  return { check, status: 'warn', detail, remedy }
}

/** Machines will not boot like this. */
export function fail(check: string, detail: string, remedy: string): Finding {
  return { check, status: 'fail', detail, remedy }
}

/** Not looked at, and why. */
export function skipped(check: string, detail: string, remedy: string | null = null): Finding {
  return { check, status: 'skipped', detail, remedy }
}

/** The exit status that tells: 1 when anything failed, else 0 (a warning is no failure). */
export function exitStatusOf(findings: readonly Finding[]): 0 | 1 {
  return findings.some(({ status }) => status === 'fail') ? 1 : 0
}

/** How many of each, in one line: `9 ok, 1 warning, 2 failed, 3 skipped`. */
export function summaryOf(findings: readonly Finding[]): string {
  const count = (status: Finding['status']) => findings.filter(each => each.status === status).length
  const warnings = count('warn')
  const parts = [
    `${count('ok')} ok`,
    `${warnings} warning${warnings === 1 ? '' : 's'}`,
    `${count('fail')} failed`,
    `${count('skipped')} skipped`,
  ]
  return parts.join(', ')
}
