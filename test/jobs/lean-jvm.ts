/**
 * Flags of a JVM that costs little and says nothing of itself. One compiler only: two would cost an emulated processor
 * seconds more. One collector whatever the node: where nothing limits it a JVM takes G1, in which a block of a mebibyte
 * fills two. No performance file: a JVM that starts looks which of them in /tmp are stale by locking each for a moment,
 * and another that has just made its own finds it locked and warns of that on its standard output (JDK 17.0.15, once in
 * 360 starts of sixty at a time, without godwit).
 */
export const LEAN_JVM = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-XX:-UsePerfData'] as const
