import { connect } from 'node:net'
import { createFrameReader } from '../../streams/frame-reader.ts'
import { frameBytes, taggedBytes } from './frame-bytes.ts'

/** Types of the keeper's frames. */
export const [STARTED, ENDED] = [16, 21]
const STDOUT = 18

/** What the keeper said: its frames, what the script printed, and the microseconds that it says it used. */
export type Answer = { readonly types: readonly number[]; readonly text: string; readonly cpuUs: number }

/** Asks for a shell's `script` by a request with these strings, as no deputy would; `reply` is sent once it prints. */
export async function askFor(
  script: string,
  strings: readonly string[],
  door: string,
  reply?: Uint8Array,
): Promise<Answer> {
  const socket = connect(door)
  const reader = createFrameReader()
  const types: number[] = []
  let text = ''
  let cpuUs = Number.NaN
  const argv = ['Ash', 'A-c', `A${script}`, 'EPATH=/usr/bin:/bin', 'C/', 'S1 pipe']
  socket.write(frameBytes(1, taggedBytes([...argv, ...strings])))
  socket.on('error', () => undefined)
  socket.on('data', (bytes: Uint8Array) => {
    for (const { type, payload } of reader.push(bytes).frames) {
      types.push(type)
      if (type === STDOUT) text += Buffer.from(payload).toString()
      if (type === STDOUT && reply !== undefined) socket.write(reply)
      if (type !== ENDED) continue
      cpuUs = Number(/\0T(\d+)\0/.exec(Buffer.from(payload).toString())?.[1])
      socket.end()
    }
  })
  await new Promise(resolve => socket.once('close', resolve))
  return { types, text, cpuUs }
}
