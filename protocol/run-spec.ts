import * as z from 'zod'

/** Largest argument list and environment we carry, after Linux' ARG_MAX of 2 MiB. */
const MAX_ARGS = 65_536

/** Text that exec can carry: the kernel's strings end at the first NUL. */
const ExecText = z.string().refine(text => !text.includes('\0'), 'has a NUL')

/**
 * What the deputy asks an agent to start: exactly what exec would have got at home. The agent checks it against
 * the digest in the ticket before anything else.
 */
export const RunSpec = z.object({
  argv: z.array(ExecText).min(1).max(MAX_ARGS),
  cwd: ExecText.startsWith('/'),
  env: z.record(ExecText, ExecText),
  umask: z.number().int().min(0).max(0o777),
  uid: z.number().int().nonnegative(),
  gid: z.number().int().nonnegative(),
  groups: z.array(z.number().int().nonnegative()).max(1024),
})
export type RunSpec = z.output<typeof RunSpec>

/** The bytes whose SHA-256 the ticket carries; both sides derive them from the parsed spec. */
export function runSpecBytes(spec: RunSpec): Uint8Array {
  const env = Object.entries(spec.env).sort(([a], [b]) => (a < b ? -1 : 1))
  const { argv, cwd, umask, uid, gid, groups } = spec
  return new TextEncoder().encode(JSON.stringify([argv, cwd, env, umask, uid, gid, groups]))
}
