/** Operation codes of RFC 1350 §5 and RFC 2347. */
export const OPCODE = { read: 1, write: 2, data: 3, ack: 4, error: 5, oack: 6 } as const

/** Error codes of RFC 1350 appendix and RFC 2347; the ones a read-only server has a use for. */
export const ERROR_CODE = {
  undefined: 0,
  notFound: 1,
  accessViolation: 2,
  illegalOperation: 4,
  unknownTransfer: 5,
  optionsRefused: 8,
} as const
/** One of those codes. */
export type TftpErrorCode = (typeof ERROR_CODE)[keyof typeof ERROR_CODE]

/** One option of a request or OACK as text, names in the case they came in (RFC 2347). */
export type TftpOption = { readonly name: string; readonly value: string }

/** How the file is to be sent: raw, or with network line ends (RFC 1350 §1). */
export type TransferMode = 'octet' | 'netascii'

/** A well-formed read request. `filename` stays octets: ROMs append rubbish that is no text. */
export type ReadRequest = {
  readonly kind: 'read'
  readonly filename: Uint8Array
  readonly mode: TransferMode
  readonly options: readonly TftpOption[]
}

/** What to tell the client with an ERROR packet, and the fixed text to count it under. */
export type Refusal = {
  readonly kind: 'refused'
  readonly code: TftpErrorCode
  readonly reason: string
}
/** What gets no answer at all, because an answer could be a reflection (RFC 1350 has no authentication). */
export type Dropped = { readonly kind: 'dropped'; readonly reason: string }

/** What a datagram to the server's well-known port turns out to be. */
export type DecodedRequest = ReadRequest | Refusal | Dropped

/** What a datagram to a transfer's own port turns out to be. */
export type DecodedAnswer =
  | { readonly kind: 'ack'; readonly block: number }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | Dropped
