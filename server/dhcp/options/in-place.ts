import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Options } from './area.ts'
import { OPTION } from './code.ts'
import { hasFitLength } from './length.ts'
import { readIp, readIpAt, readNumber, readNumberAt } from './value.ts'

/** Values above this are shown where they stand; for shorter ones a copy costs a tenth of that. */
const MAX_COPIED_BYTES = 64

/**
 * The options of an ordinary options field, left where they are: nothing of a packet is taken apart that nobody asks
 * for. `undefined` when anything is out of the ordinary (an option comes twice, overloads other fields, is cut off or
 * has a wrong length): then the fields have to be joined and checked first.
 */
export function optionsInPlace(bytes: Uint8Array, offset: number): Options | undefined {
  const places: number[] = []
  let at = offset
  while (at < bytes.length) {
    const code = bytes[at] ?? OPTION.end
    if (code === OPTION.end) break
    if (code === OPTION.pad) {
      at += 1
      continue
    }
    const length = bytes[at + 1]
    if (length === undefined || at + 2 + length > bytes.length) return undefined
    if (code === OPTION.overload || !hasFitLength(code, length) || placeOf(places, code) !== undefined)
      return undefined
    places.push(at * 256 + code)
    at += 2 + length
  }
  return new OptionsInPlace(bytes, places)
}

/** The number in an option of up to four octets, or `undefined`; spares a copy where it can. */
export function numberIn(options: Options, code: number): number | undefined {
  return options instanceof OptionsInPlace ? options.number(code) : readNumber(options.get(code))
}

/** The address in an option that holds exactly one, or `undefined`; spares a copy where it can. */
export function ipIn(options: Options, code: number): Ipv4 | undefined {
  return options instanceof OptionsInPlace ? options.ip(code) : readIp(options.get(code))
}

/** Where the option begins, from its entry (offset and code in one number); looking at all dozen beats a table. */
function placeOf(places: readonly number[], code: number): number | undefined {
  for (const place of places) if ((place & 255) === code) return place >>> 8
  return undefined
}

class OptionsInPlace implements Options {
  readonly #bytes: Uint8Array
  readonly #places: readonly number[]

  constructor(bytes: Uint8Array, places: readonly number[]) {
    this.#bytes = bytes
    this.#places = places
  }

  get size(): number {
    return this.#places.length
  }

  has(code: number): boolean {
    return placeOf(this.#places, code) !== undefined
  }

  get(code: number): Uint8Array | undefined {
    const place = placeOf(this.#places, code)
    return place === undefined ? undefined : this.#valueAt(place)
  }

  number(code: number): number | undefined {
    const place = placeOf(this.#places, code)
    return place === undefined ? undefined : readNumberAt(this.#bytes, place + 2, this.#lengthAt(place))
  }

  ip(code: number): Ipv4 | undefined {
    const place = placeOf(this.#places, code)
    return place !== undefined && this.#lengthAt(place) === 4 ? readIpAt(this.#bytes, place + 2) : undefined
  }

  *keys(): Iterable<number> {
    for (const place of this.#places) yield place & 255
  }

  *values(): Iterable<Uint8Array> {
    for (const place of this.#places) yield this.#valueAt(place >>> 8)
  }

  *[Symbol.iterator](): Iterator<readonly [number, Uint8Array]> {
    for (const place of this.#places) yield [place & 255, this.#valueAt(place >>> 8)]
  }

  #lengthAt(place: number): number {
    return this.#bytes[place + 1] ?? 0
  }

  #valueAt(place: number): Uint8Array {
    const [start, length] = [place + 2, this.#lengthAt(place)]
    if (length > MAX_COPIED_BYTES)
      return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length)
    const value = new Uint8Array(length)
    for (let index = 0; index < length; index += 1) value[index] = this.#bytes[start + index] ?? 0
    return value
  }
}
