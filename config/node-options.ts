/**
 * How Node.js is started for the server, as the first line of cli/godwit.js does: with room for 32 MiB of short-lived
 * objects, twice the usual. Each collection copies what still lives, which is the same few decisions and packets however
 * much has died meanwhile; with half as many collections placement decides a sixth more, for at most
 * 48 MiB of memory (V8's young generation is three times this). It can be said only as Node.js starts.
 */
export const SERVER_NODE_OPTIONS: readonly string[] = ['--max-semi-space-size=32']
