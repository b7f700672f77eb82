import { decodeRequest } from './decode.ts'
import type { TftpPath } from './filename.ts'
import { resolveFilename } from './filename.ts'
import type { Dropped, ReadRequest, Refusal } from './packet.ts'

/** What is to be done about a datagram to the well-known port; `paths` are tried in their order. */
export type Classified =
  | { readonly kind: 'read'; readonly request: ReadRequest; readonly paths: readonly TftpPath[] }
  | Refusal
  | Dropped

/** Decodes a datagram and its file name, also without one of `prefixes`; never throws. */
export function classify(bytes: Uint8Array, prefixes: readonly string[] = []): Classified {
  const request = decodeRequest(bytes)
  if (request.kind !== 'read') return request
  const name = resolveFilename(request.filename, prefixes)
  return name.kind === 'paths' ? { kind: 'read', request, paths: name.paths } : name
}
