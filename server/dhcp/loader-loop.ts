import type { Mac } from '../../config/values/mac.ts'
import type { BootAnswer, BootFor } from './boot-client.ts'

/**
 * Name of the script, on TFTP, that tells a machine in a loop so on its screen. `server/boot/virtual-file.ts` has it.
 */
export const LOOP_SCRIPT = 'loop.ipxe'

/** Downloads of a loader by one machine within {@link WINDOW_MS} that make a loop. */
const MAX_DOWNLOADS = 5
const WINDOW_MS = 120_000
/** Machines watched; beyond it the one that downloaded first is forgotten. */
const MAX_MACHINES = 2048

/** Watches for machines that load loaders for ever. */
export type LoaderLoop = {
  /** The whole of a loader went out to the machine. */
  downloaded(mac: Mac): void
  /** The boot decision, but a script that ends the loop for a machine that is in one. */
  readonly bootFor: BootFor
}

type Downloads = {
  /** Times of the last downloads, ms, oldest first. */
  readonly atMs: readonly number[]
  /** No loader that can go on has asked since the last of them. */
  readonly isUnproven: boolean
}

/**
 * Two ways to go round in circles: a loader that comes back {@link MAX_DOWNLOADS} times in two minutes, and an iPXE
 * without HTTP that got our loader and is still without HTTP, so what it loaded was not ours, or not that. A loader is
 * the only one that can be told: firmware runs no script.
 */
export function createLoaderLoop(bootFor: BootFor, now: () => number): LoaderLoop {
  const machines = new Map<Mac, Downloads>()
  const recent = (mac: Mac): Downloads => {
    const { atMs = [], isUnproven = false } = machines.get(mac) ?? {}
    const since = now() - WINDOW_MS
    const within = atMs.filter(time => time > since)
    return { atMs: within, isUnproven: isUnproven && within.length > 0 }
  }
  const keep = (mac: Mac, downloads: Downloads) => {
    machines.delete(mac)
    machines.set(mac, downloads)
    const oldest = machines.size > MAX_MACHINES ? machines.keys().next().value : undefined
    if (oldest !== undefined) machines.delete(oldest)
  }
  return {
    downloaded: mac =>
      keep(mac, { atMs: [...recent(mac).atMs, now()].slice(-MAX_DOWNLOADS), isUnproven: true }),
    bootFor(client) {
      const answer = bootFor(client)
      if (answer === undefined || client.stage !== 'ipxe') return answer
      const { atMs, isUnproven } = recent(client.mac)
      const isCapable = client.features.includes('http')
      if (atMs.length >= MAX_DOWNLOADS || (!isCapable && isUnproven)) return stopped(answer)
      if (isCapable && isUnproven) keep(client.mac, { atMs, isUnproven: false })
      return answer
    },
  }
}

function stopped({ nextServer }: BootAnswer): BootAnswer {
  return { file: LOOP_SCRIPT, nextServer }
}
