import * as z from 'zod'

/** Longest that a read of an output may wait for more, milliseconds. */
export const OUTPUT_WAIT_MAX_MS = 20_000

/**
 * Where to read the kept output of a detached process: from a place that an earlier answer named (0 is its beginning),
 * or from what comes now. With `waitMs` the answer waits so long for something to be there.
 */
export const OutputAsked = z.object({
  from: z.union([z.number().int().nonnegative(), z.literal('end')]),
  waitMs: z.number().int().nonnegative().max(OUTPUT_WAIT_MAX_MS),
})
export type OutputAsked = z.output<typeof OutputAsked>

/**
 * A part of the output of a detached process, in the order in which it was written. `next` is where to go on;
 * `droppedBytes` were there between `from` and the first piece, and are kept no more; `ended` says that nothing follows.
 */
export const Output = z.object({
  next: z.number().int().nonnegative(),
  droppedBytes: z.number().int().nonnegative(),
  ended: z.boolean(),
  pieces: z.array(
    z.object({
      stream: z.enum(['stdout', 'stderr']),
      /** When it was read from the process, by the node's clock. */
      atMs: z.number(),
      /** The octets in base64. */
      data: z.string(),
    }),
  ),
})
export type Output = z.output<typeof Output>
