/** What was last said of some keys; those nobody spoke of for longest are forgotten. */
export type Recent<K, V> = {
  get(key: K): V | undefined
  set(key: K, value: V): void
  delete(key: K): void
}

/**
 * An empty memory of at least half and at most all of `max` keys. It has two generations and forgets the older one as
 * a whole: to take a key out of a map and put it in again at its end, each time it is seen, leaves holes that every
 * look for the oldest has to pass.
 */
export function createRecent<K, V>(max: number): Recent<K, V> {
  let young = new Map<K, V>()
  let old = new Map<K, V>()
  return {
    get: key => young.get(key) ?? old.get(key),
    set(key, value) {
      if (young.size >= max / 2 && !young.has(key)) {
        old = young
        young = new Map()
      }
      young.set(key, value)
    },
    delete(key) {
      young.delete(key)
      old.delete(key)
    },
  }
}
