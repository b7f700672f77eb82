/** Answers kept; the next one beyond it starts anew. */
const MAX_KEPT = 256

/** `make`, asked once for each key among those it was asked for lately: replies to a class room differ in little. */
export function memo<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>()
  return key => {
    const known = made.get(key)
    if (known !== undefined) return known
    if (made.size >= MAX_KEPT) made.clear()
    const value = make(key)
    made.set(key, value)
    return value
  }
}
