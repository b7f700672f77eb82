/** Lets so many pass in one turn of the event loop, first come, first served. */
export type Turnstile = {
  /** Resolves in a later turn: what came in meanwhile is looked at first. */
  pass(): Promise<void>
}

/**
 * A turnstile for `perTurn`. Without it all who send files would have their go in each turn, and a newcomer, whose
 * request, file and first octets each take a turn, would wait for that many rounds.
 */
export function createTurnstile(perTurn: number): Turnstile {
  const waiting: (() => void)[] = []
  let isTurning = false
  const turn = () => {
    for (const go of waiting.splice(0, perTurn)) go()
    isTurning = waiting.length > 0
    if (isTurning) setImmediate(turn)
  }
  return {
    pass: () =>
      new Promise(resolve => {
        waiting.push(resolve)
        if (isTurning) return
        isTurning = true
        setImmediate(turn)
      }),
  }
}
