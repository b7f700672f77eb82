import { GodwitError } from '../../protocol/errors.ts'
import type { StoreWrite } from './store.ts'
import type { PreparedWrite } from './transaction.ts'

/** Printable ASCII only, so that every engine orders keys alike (UTF-8 and UTF-16 do not agree beyond it). */
const KEY = /^[!-.0-~]+(?:\/[!-.0-~]+)*$/
const MAX_KEY_LENGTH = 512

/** Largest value in characters of JSON: a record is a fact about one thing, files do not belong here. */
const MAX_VALUE_LENGTH = 4 * 2 ** 20

function unfit(message: string, cause?: unknown): GodwitError {
  return new GodwitError('GW_STORE', message, { cause })
}

/** Returns `key`; throws GW_STORE when it is not a path of printable ASCII of at most 512 characters. */
export function checkKey(key: string): string {
  if (key.length <= MAX_KEY_LENGTH && KEY.test(key)) return key
  throw unfit(`not a key of the store: ${JSON.stringify(key.slice(0, MAX_KEY_LENGTH))}`)
}

/** Returns `prefix`; throws GW_STORE when it is neither empty nor a key followed by `/`. */
export function checkPrefix(prefix: string): string {
  if (prefix === '' || (prefix.endsWith('/') && KEY.test(prefix.slice(0, -1)))) return prefix
  throw unfit(`a prefix of the store ends in "/" or is empty: ${JSON.stringify(prefix)}`)
}

function toJson(key: string, value: unknown): string {
  let json: string | undefined
  try {
    json = JSON.stringify(value)
  } catch (cause) {
    throw unfit(`the value of ${key} cannot be written as JSON`, cause)
  }
  if (json === undefined) throw unfit(`the value of ${key} is nothing JSON knows`)
  if (json.length > MAX_VALUE_LENGTH) throw unfit(`the value of ${key} is larger than ${MAX_VALUE_LENGTH}`)
  return json
}

/** The write with its value as text; throws GW_STORE for an unfit key, value or expiry. */
export function prepareWrite(write: StoreWrite): PreparedWrite {
  const key = checkKey(write.key)
  if (write.kind === 'delete') return { kind: 'delete', key }
  const { expiresAtMs = null } = write
  if (expiresAtMs !== null && !Number.isFinite(expiresAtMs)) throw unfit(`the expiry of ${key} is not a time`)
  return { kind: 'put', key, json: toJson(key, write.value), expiresAtMs }
}
