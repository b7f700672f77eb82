import type { Output } from '../../protocol/output.ts'

/** One line of `godwit logs --json`. */
export type OutputLine =
  | {
      readonly event: 'output'
      readonly stream: 'stdout' | 'stderr'
      readonly atMs: number
      readonly text: string
    }
  | { readonly event: 'dropped'; readonly bytes: number }

/**
 * Turns parts of an output into lines for programs. A letter that was written in two halves is told whole, with the
 * second; octets that are no UTF-8 become U+FFFD.
 */
export function outputLines(): (output: Output) => readonly OutputLine[] {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() }
  return ({ droppedBytes, pieces }) => [
    ...(droppedBytes > 0 ? [{ event: 'dropped', bytes: droppedBytes } as const] : []),
    ...pieces.map(({ atMs, data, stream }) => {
      const text = decoders[stream].decode(Buffer.from(data, 'base64'), { stream: true })
      return { event: 'output', stream, atMs, text } as const
    }),
  ]
}
