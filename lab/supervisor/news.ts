import * as z from 'zod'

/** What the supervisor tells whoever started it, until it is ready or has failed. */
export const SupervisorNews = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('progress'), text: z.string() }),
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('failed'), message: z.string() }),
])
export type SupervisorNews = z.output<typeof SupervisorNews>
