import { optionRank } from './option-order.ts'
import { type Options, optionSizeBytes } from './options/area.ts'

/** Some options of a reply, as pairs. */
export type OptionPairs = readonly (readonly [number, Uint8Array])[]

/** The options of several groups in the order they are sent in; of one code the last counts. */
export function orderedOptions(...groups: readonly OptionPairs[]): Options {
  const options = new OrderedOptions()
  for (const group of groups) for (const pair of group) options.put(pair[0], pair[1])
  return options
}

/** The codes of the options in the order fragile firmware wants. */
export function inWireOrder(options: Options): readonly number[] {
  if (options instanceof OrderedOptions) return options.codes
  return [...options.keys()].sort((left, right) => optionRank(left) - optionRank(right))
}

/** What the options take up in a packet. */
export function wireSizeBytes(options: Options): number {
  if (options instanceof OrderedOptions) return options.wireBytes
  let sizeBytes = 0
  for (const value of options.values()) sizeBytes += optionSizeBytes(value)
  return sizeBytes
}

/** Options that are put in their places as they come: a reply has a dozen, and they come nearly in order. */
class OrderedOptions implements Options {
  /** In the order they are sent in. */
  readonly codes: number[] = []
  readonly #values: Uint8Array[] = []
  wireBytes = 0

  put(code: number, value: Uint8Array): void {
    const [codes, values] = [this.codes, this.#values]
    const former = this.get(code)
    this.wireBytes += optionSizeBytes(value) - (former === undefined ? 0 : optionSizeBytes(former))
    let at = former === undefined ? codes.length : codes.indexOf(code)
    for (; former === undefined && at > 0; at -= 1) {
      const [before = 0, its = NOTHING] = [codes[at - 1], values[at - 1]]
      if (optionRank(before) < optionRank(code)) break
      codes[at] = before
      values[at] = its
    }
    codes[at] = code
    values[at] = value
  }

  get size(): number {
    return this.codes.length
  }

  has(code: number): boolean {
    return this.codes.includes(code)
  }

  get(code: number): Uint8Array | undefined {
    return this.#values[this.codes.indexOf(code)]
  }

  keys(): Iterable<number> {
    return this.codes
  }

  values(): Iterable<Uint8Array> {
    return this.#values
  }

  *[Symbol.iterator](): Iterator<readonly [number, Uint8Array]> {
    for (const [at, code] of this.codes.entries()) yield [code, this.#values[at] ?? NOTHING]
  }
}

const NOTHING = new Uint8Array()
