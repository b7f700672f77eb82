/** A job that is not done after so many times what it takes alone is given up. A failed one counts as this slow. */
export const GIVEN_UP_SLOWDOWN = 15
/** One that was killed for want of memory is asked for again, so often in all; as in the simulator. */
export const MAX_ATTEMPTS = 4
