import type { Endpoint } from './packet.ts'

/** Sends a datagram and tells later what became of it: `null`, or the system's error. */
export type Post = (bytes: Uint8Array, to: Endpoint, sent: (error: Error | null) => void) => void
