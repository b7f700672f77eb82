import * as z from 'zod'
import { type AgentHello, AgentMessage } from '../../../protocol/link.ts'

/** One message of an agent, or why it is none. `reason` is for people: where it differs from the schema. */
export type DecodedMessage =
  | { readonly kind: 'message'; readonly message: AgentMessage }
  | { readonly kind: 'malformed'; readonly reason: string }

/** The first message of a connection, which must be a hello. */
export type DecodedHello =
  | { readonly kind: 'hello'; readonly hello: AgentHello }
  | { readonly kind: 'malformed'; readonly reason: string }

/** Longest reason that goes out: a WebSocket close frame and a log line both are short. */
const REASON_MAX = 300

/** Reads one text message of an agent. */
export function decodeMessage(text: string): DecodedMessage {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { kind: 'malformed', reason: 'it is not JSON' }
  }
  const parsed = AgentMessage.safeParse(json)
  if (parsed.success) return { kind: 'message', message: parsed.data }
  return { kind: 'malformed', reason: z.prettifyError(parsed.error).slice(0, REASON_MAX) }
}

/** Reads the message a connection begins with. */
export function decodeHello(text: string): DecodedHello {
  const decoded = decodeMessage(text)
  if (decoded.kind === 'malformed') return decoded
  const { message } = decoded
  if (message.type === 'hello') return { kind: 'hello', hello: message }
  return { kind: 'malformed', reason: `the first message must be hello, not ${message.type}` }
}
