/** One thing to measure: how many transfers at once, at which windowsize, over which network. */
export type TftpCase = {
  /** `p16-w4`, `rtt-p1-w16`, `loss-p16-w1`. */
  readonly name: string
  readonly parallel: number
  readonly windowSize: number
  /** Round trip, made by the client: each of its datagrams leaves that late. */
  readonly rttUs: number
  /** Received DATA that the client throws away, in a million. */
  readonly lossPpm: number
  /** How long, or how many transfers in all: with loss, one of them may take half a minute. */
  readonly amount: { readonly seconds: number } | { readonly transfers: number }
}

/** blksize of all cases: what EDK2 and iPXE ask for on an Ethernet of 1500 (1500 less headers, rounded down by them). */
export const BLOCK_SIZE_BYTES = 1428
/** Size of the loader: about that of a signed shim or of GRUB. */
export const LOADER_BYTES = 1 << 20
/** Time after which the client asks again; longer than any server's, so that the servers' timers can act first. */
export const CLIENT_TIMEOUT_MS = 3000

const WINDOWS = [1, 4, 16]

/** All cases; `quick` has one or two of each kind, and short ones. */
export function tftpCases(quick: boolean): readonly TftpCase[] {
  const plain = { rttUs: 0, lossPpm: 0, amount: { seconds: quick ? 1 : 2 } }
  const far = { rttUs: 1000, lossPpm: 0, amount: { seconds: quick ? 1 : 3 } }
  const lossy = { rttUs: 0, lossPpm: 10_000, amount: { transfers: 16 } }
  const windows = quick ? [1, 16] : WINDOWS
  return [
    ...grid('', quick ? [16] : [1, 16, 128], windows, plain),
    ...grid('rtt-', quick ? [1] : [1, 16], windows, far),
    ...grid('loss-', [16], quick ? [16] : WINDOWS, lossy),
  ]
}

function grid(
  prefix: string,
  parallels: readonly number[],
  windows: readonly number[],
  rest: Omit<TftpCase, 'name' | 'parallel' | 'windowSize'>,
): readonly TftpCase[] {
  return parallels.flatMap(parallel =>
    windows.map(windowSize => ({
      name: `${prefix}p${parallel}-w${windowSize}`,
      parallel,
      windowSize,
      ...rest,
    })),
  )
}
