import * as z from 'zod'

/** What was learned of one key: `godwit history --json` is an array of these, latest run first. */
export const HistoryView = z.object({
  /** A command (`java app.jar @1000`: executable, program, user), an executable (`java`), or `/` for everything. */
  key: z.string(),
  runs: z.number().int().nonnegative(),
  /** Threads at work that three of four recent runs did not exceed; `null` where none tells. */
  threads: z.number().nonnegative().nullable(),
  /** Peak memory that nine of ten recent runs did not exceed. */
  memoryBytes: z.number().nonnegative().nullable(),
  /** Median life of recent runs that came to their own end. */
  lifeMs: z.number().nonnegative().nullable(),
  lastSeenMs: z.number(),
  /** How many runs the kernel killed for memory. */
  ooms: z.number().int().nonnegative(),
  /** What memory is multiplied by for that now; 1 when it was long ago. */
  oomRaise: z.number().min(1),
})
export type HistoryView = z.output<typeof HistoryView>
