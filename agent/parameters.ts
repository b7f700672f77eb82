import * as z from 'zod'
import { Cidr } from '../config/values/cidr.ts'
import { Ipv4 } from '../config/values/ipv4.ts'
import { Mac } from '../config/values/mac.ts'
import { ImageDigest } from '../config/values/node-id.ts'

const Port = z.coerce.number().int().min(1).max(65_535)

/** The `godwit.*` kernel arguments an agent needs, by their names after the dot. */
const Parameters = z.object({
  server: Ipv4,
  http: Port.default(7080),
  api: Port.default(7443),
  agent: Port.default(7444),
  ca: z.string().regex(/^[0-9a-f]{64}$/i, 'a SHA-256 in hex'),
  token: z.string().max(200).optional(),
  boot: z.string().max(64).optional(),
  image: ImageDigest.optional(),
  mac: Mac,
  ip: Cidr,
  home: z.string().startsWith('/').optional(),
})
/** Who we are and whom we trust in this boot; `ca` is the SHA-256 of the cluster's CA certificate (DER), hex. */
export type Parameters = z.output<typeof Parameters>

/** Either all parameters or every problem with its kernel argument's name. */
export type ParametersResult =
  | { readonly kind: 'parameters'; readonly parameters: Parameters }
  | { readonly kind: 'bad'; readonly problems: readonly string[] }

/** Reads the `godwit.*=` words of a kernel command line; a repeated word counts as the last, as in the kernel. */
export function parseParameters(commandLine: string): ParametersResult {
  const words = commandLine.split(/\s+/).filter(word => word.startsWith('godwit.'))
  const fields = Object.fromEntries(
    words.map(word => {
      const [name = '', ...value] = word.slice('godwit.'.length).split('=')
      return [name, value.join('=')]
    }),
  )
  const result = Parameters.safeParse(fields)
  if (result.success) return { kind: 'parameters', parameters: result.data }
  const problems = result.error.issues.map(issue => `godwit.${issue.path.join('.')}: ${issue.message}`)
  return { kind: 'bad', problems }
}
