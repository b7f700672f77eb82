import type { Options } from './area.ts'
import { OPTION } from './code.ts'
import { hasFitLength } from './length.ts'

/** Numbers kept of each option: code, start and length of its value. */
const PER_OPTION = 3
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
    if (code === OPTION.overload || !hasFitLength(code, length) || placeOf(places, code) >= 0)
      return undefined
    places.push(code, at + 2, length)
    at += 2 + length
  }
  return new OptionsInPlace(bytes, places)
}

/** Where in `places` the option stands; -1: nowhere. There are a dozen: looking at all beats a table. */
function placeOf(places: readonly number[], code: number): number {
  for (let at = 0; at < places.length; at += PER_OPTION) if (places[at] === code) return at
  return -1
}

class OptionsInPlace implements Options {
  readonly #bytes: Uint8Array
  readonly #places: readonly number[]

  constructor(bytes: Uint8Array, places: readonly number[]) {
    this.#bytes = bytes
    this.#places = places
  }

  get size(): number {
    return this.#places.length / PER_OPTION
  }

  has(code: number): boolean {
    return placeOf(this.#places, code) >= 0
  }

  get(code: number): Uint8Array | undefined {
    const place = placeOf(this.#places, code)
    return place < 0 ? undefined : this.#valueAt(place)
  }

  forEach(call: (value: Uint8Array, code: number, options: Options) => void): void {
    for (const [code, value] of this) call(value, code, this)
  }

  *keys(): MapIterator<number> {
    for (let at = 0; at < this.#places.length; at += PER_OPTION) yield this.#places[at] ?? 0
  }

  *values(): MapIterator<Uint8Array> {
    for (let at = 0; at < this.#places.length; at += PER_OPTION) yield this.#valueAt(at)
  }

  *entries(): MapIterator<[number, Uint8Array]> {
    for (let at = 0; at < this.#places.length; at += PER_OPTION)
      yield [this.#places[at] ?? 0, this.#valueAt(at)]
  }

  [Symbol.iterator](): MapIterator<[number, Uint8Array]> {
    return this.entries()
  }

  #valueAt(place: number): Uint8Array {
    const start = this.#places[place + 1] ?? 0
    const length = this.#places[place + 2] ?? 0
    if (length > MAX_COPIED_BYTES)
      return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length)
    const value = new Uint8Array(length)
    for (let index = 0; index < length; index += 1) value[index] = this.#bytes[start + index] ?? 0
    return value
  }
}
