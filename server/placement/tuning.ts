/**
 * The numbers of the score, in one place so that they can be tuned by simulation. The form of the score, and the
 * first values: MOSIX' opportunity cost (Amir and others, IEEE TPDS 2000) with the slowdown itself in the place of
 * the count of jobs.
 */

/** Weight of the harm to others: a process met at a random moment has about as long to go as it has run. */
export const OTHERS_WEIGHT = 0.5
/** The memory term reaches this on a node that goes from empty to full. */
export const MEMORY_WEIGHT = 0.3
/** Steepness of the price of memory: the last bytes of a node cost 16 times the first (E-PVM's exponential cost). */
export const MEMORY_BASE = 16
/** Small enough to decide ties only. */
export const JITTER = 0.001
