import * as z from 'zod'

/** How a node stands to the server's home folder; `reason` says why it is absent. A node without it works all the same. */
export const HomeState = z.object({
  folder: z.string().max(4096),
  state: z.enum(['mounted', 'absent']),
  reason: z.string().max(500).optional(),
})
export type HomeState = z.output<typeof HomeState>
