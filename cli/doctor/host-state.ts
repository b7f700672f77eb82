import { formatBytes } from '../../config/values/bytes.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** Free space below which the store may soon not be written. */
const DISK_FAIL_BYTES = 64 * 2 ** 20
/** Free space below which an image build may not fit. */
const DISK_WARN_BYTES = 2 * 2 ** 30
/** A clock before this was never set: the year this check was written. */
const EARLIEST_SANE_MS = Date.UTC(2026, 0, 1)

/** Space left where the server keeps `what`. */
export function judgeDisk(what: string, path: string, freeBytes: number): Finding {
  const check = `disk space, ${what}`
  const detail = `${formatBytes(freeBytes)} free below ${path}`
  if (freeBytes < DISK_FAIL_BYTES)
    return fail(check, detail, 'free some: without it no lease can be written and no machine gets an address')
  if (freeBytes < DISK_WARN_BYTES) return warn(check, detail, 'free some: an image build needs about 2 GiB')
  return ok(check, detail)
}

/** A program of the host that something needs. */
export type Tool = { readonly name: string; readonly use: string; readonly package: string }

/** Whether the programs we stand on are there. */
export function judgeTool(tool: Tool, isPresent: boolean): Finding {
  const check = `program ${tool.name}`
  return isPresent
    ? ok(check, tool.use)
    : warn(check, `missing: ${tool.use}`, `install the package ${tool.package}, or run npm run setup`)
}

/** A clock that was never set makes certificates and join tokens invalid. */
export function judgeClock(nowMs: number): Finding {
  const shown = new Date(nowMs).toISOString()
  return nowMs < EARLIEST_SANE_MS
    ? fail('clock', `says ${shown}`, 'set it: nodes get their time from this host')
    : ok('clock', shown)
}

/** An interface that faces the machines. */
export type FacingLink = {
  readonly interface: string
  readonly address: string | undefined
  readonly isUp: boolean
}

/** Whether the interface can carry a boot at all. */
export function judgeLink(link: FacingLink): Finding {
  const check = `interface ${link.interface}`
  if (link.address === undefined)
    return fail(
      check,
      'is not there or has no IPv4 address',
      `ip address add 10.77.0.1/24 dev ${link.interface}`,
    )
  if (!link.isUp) return warn(check, `${link.address}, no link`, 'plug the cable in; is the switch on?')
  return ok(check, link.address)
}

/** Interfaces that the running server waits for: nothing is served there meanwhile. */
export function judgeWaiting(
  links: readonly { readonly interface: string; readonly problem: string | null }[],
): readonly Finding[] {
  return links.flatMap(({ interface: name, problem }) =>
    problem === null
      ? []
      : [warn(`interface ${name}`, problem, 'the server serves it by itself once that is over')],
  )
}
