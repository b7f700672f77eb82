import { parseBytes } from '../config/values/bytes.ts'
import { parseDuration } from '../config/values/duration.ts'
import type { RunRequest } from '../protocol/admin.ts'
import { parseWish } from '../protocol/node-wish.ts'
import { ProcessName } from '../protocol/process.ts'

/** What whoever starts a run may ask of placement and of the server. */
export type RunWishes = Pick<
  RunRequest,
  'detached' | 'memoryBytes' | 'name' | 'now' | 'on' | 'threads' | 'timeoutMs'
>

/** The wishes among the options of a run, or the first that cannot be read. */
export type ReadWishes =
  | { readonly kind: 'wishes'; readonly wishes: RunWishes }
  | { readonly kind: 'bad'; readonly option: string; readonly reason: string }

/** Options of `godwit run` that are wishes, as they are called in a request. */
export type WishOption = 'cpus' | 'detach' | 'mem' | 'name' | 'now' | 'on' | 'timeout'

/** More threads than any node has: beyond, a figure is a mistake. */
const THREADS_MAX = 4096

const READERS: Readonly<Record<WishOption, (text: string) => RunWishes | string>> = {
  cpus(text) {
    const threads = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
    return threads > 0 && threads <= THREADS_MAX
      ? { threads }
      : `"${text}" is not a number of threads; write 4 or 0.5, at most ${THREADS_MAX}`
  },
  detach: () => ({ detached: true }),
  mem(text) {
    const memoryBytes = parseBytes(text) ?? 0
    return memoryBytes > 0 && Number.isSafeInteger(memoryBytes)
      ? { memoryBytes }
      : `"${text}" is not a size; write 512M or 1.5G`
  },
  name(text) {
    const name = ProcessName.safeParse(text)
    return name.success ? { name: name.data } : `"${text}" is no name: ${name.error.issues[0]?.message}`
  },
  now: () => ({ now: true }),
  on(text) {
    const wish = parseWish(text)
    return wish.kind === 'wish' ? { on: text } : wish.reason
  },
  timeout(text) {
    const timeoutMs = parseDuration(text)
    return timeoutMs === undefined
      ? `"${text}" is not a time; write 90 (seconds), 5m, 1h or 1d`
      : { timeoutMs }
  },
}

const OPTIONS = Object.keys(READERS) as readonly WishOption[]
/** Options that are no wishes: they are for the door. */
const OF_THE_DOOR = ['here', 'shim']
const KNOWN: ReadonlySet<string> = new Set([...OPTIONS, ...OF_THE_DOOR])

/** Reads the wishes among `options`, which are as people write them. One that nobody knows is not left unheard. */
export function readWishes(options: ReadonlyMap<string, string>): ReadWishes {
  const unknown = [...options.keys()].find(name => !KNOWN.has(name))
  if (unknown !== undefined) return { kind: 'bad', option: unknown, reason: 'there is no such option' }
  let wishes: RunWishes = {}
  for (const option of OPTIONS) {
    const text = options.get(option)
    const read = text === undefined ? {} : READERS[option](text)
    if (typeof read === 'string') return { kind: 'bad', option, reason: read }
    wishes = { ...wishes, ...read }
  }
  return { kind: 'wishes', wishes }
}
