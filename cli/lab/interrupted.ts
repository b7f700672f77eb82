/**
 * `work`, after which `takeDown` runs when it was interrupted (AbortError), and only then: what failed by itself is
 * left for a look. Rejects as `work` does.
 */
export async function orTakeDown<T>(work: Promise<T>, takeDown: () => Promise<unknown>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if ((error as Error).name === 'AbortError') await takeDown()
    throw error
  }
}
