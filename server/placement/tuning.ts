/**
 * The numbers of the score, in one place so that they can be tuned by simulation. The form of the score, and the
 * first values: MOSIX' opportunity cost (Amir and others, IEEE TPDS 2000) with the slowdown itself in the place of
 * the count of jobs.
 */

/** Weight of the harm to others; 1 counts their slowdown as one's own. */
export const OTHERS_WEIGHT = 1
/** The memory term reaches this on a node that goes from empty to full. */
export const MEMORY_WEIGHT = 0.3
/** Steepness of the price of memory: the last bytes of a node cost 16 times the first (E-PVM's exponential cost). */
export const MEMORY_BASE = 16
/** Small enough to decide ties only. */
export const JITTER = 0.001
/** What starting a process elsewhere and carrying its streams costs it, milliseconds. */
export const REMOTE_OVERHEAD_MS = 10
/** Life of a command that never ran here, for the weight of that overhead. */
export const UNKNOWN_LIFE_MS = 10_000
/** Of equal nodes, home comes first: more than any warmth and luck, less than a 2 % better place. */
export const AWAY = 0.02
/** Then one where the same command ran lately, so that its files are in memory. */
export const COLD = 0.01
/** How long after a run its files are counted on to be in memory. */
export const WARM_MS = 600_000
/** A reservation stays whole this long: compiled code and heap grow well after the start. */
export const YOUNG_MS = 30_000
/** Then what is not used goes back by halves, this long each. */
export const RECLAIM_HALF_LIFE_MS = 60_000
/** Never reserved less than this times what the process uses. */
export const RECLAIM_MARGIN = 1.15
