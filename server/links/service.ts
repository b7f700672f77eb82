import { GodwitError } from '../../protocol/errors.ts'
import type { Log } from '../../protocol/log.ts'
import { dhcpOn, strayAddresses } from './dhcp-on.ts'
import type { DhcpConfig, PresentAddress, ServedLink, WantedLink } from './link.ts'
import { isSame, type Placed, planLinks, type Waiting } from './plan.ts'

/** A link that could not be opened (another program has its port, say) is tried again after this time. */
const RETRY_MS = 30_000

/** What {@link keepLinks} needs; `T` is whatever `openLink` opens for a link. */
export type LinksOptions<T> = {
  readonly wanted: readonly WantedLink[]
  readonly dhcp: DhcpConfig
  read(): Promise<readonly PresentAddress[]>
  /** Calls `onChange` when `read` may say something new. */
  watch(onChange: () => void): { close(): Promise<void> }
  openLink(link: ServedLink): Promise<T>
  readonly log: Log
  readonly retryMs?: number
}

/** The links that are served now. */
export type Links<T> = {
  /** Those open, in the order of the configuration. */
  open(): readonly T[]
  /** Those wanted and not open, each with the reason. */
  waiting(): readonly Waiting[]
  close(): Promise<void>
}

/**
 * Opens each wanted link when its NIC and address are there and closes it when they go, for as long as it runs; a link
 * that fails is tried again and costs the others nothing. At the start a wrong configuration is refused, and so is a
 * start at which links are there and not one of them opens: rejects with the errors of `openLink`.
 */
export async function keepLinks<T extends { readonly link: ServedLink; close(): Promise<void> }>(
  options: LinksOptions<T>,
): Promise<Links<T>> {
  const links = new LinkKeeper(options)
  try {
    await links.start()
    return links
  } catch (error) {
    await links.close()
    throw error
  }
}

class LinkKeeper<T extends { readonly link: ServedLink; close(): Promise<void> }> implements Links<T> {
  readonly #options: LinksOptions<T>
  #open: readonly T[] = []
  #waiting: readonly Waiting[] = []
  #failed = new Map<string, unknown>()
  #turn: Promise<void> = Promise.resolve()
  #isTurnDue = false
  #isClosed = false
  #retry: NodeJS.Timeout | undefined
  #watch: { close(): Promise<void> } | undefined

  constructor(options: LinksOptions<T>) {
    this.#options = options
  }

  open(): readonly T[] {
    return this.#open
  }

  waiting(): readonly Waiting[] {
    const failed = Array.from(this.#failed, ([name, error]) => ({ interface: name, reason: textOf(error) }))
    return [...this.#waiting, ...failed]
  }

  async start(): Promise<void> {
    this.#turn = this.#compare()
    this.#watch = this.#options.watch(() => this.#soon())
    await this.#turn
    const failures = [...this.#failed]
    const wrong = failures.flatMap(([name, error]) =>
      isWrongConfig(error) ? [`${name}: ${textOf(error)}`] : [],
    )
    const problems = [...wrong, ...this.#strays()]
    if (problems.length > 0) throw new GodwitError('GW_CONFIG_INVALID', problems.join('; '))
    const [first] = failures
    if (this.#open.length === 0 && first !== undefined) throw first[1]
  }

  /** Known only when every network is: until then an address may belong to one that comes later. */
  #strays(): readonly string[] {
    const { wanted, dhcp } = this.#options
    if (wanted.length < 2 || this.#open.length < wanted.length) return []
    return strayAddresses(
      dhcp,
      this.#open.map(each => each.link.cidr),
    )
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#retry)
    await this.#watch?.close()
    await this.#turn
    for (const link of this.#open.toReversed()) await this.#closeLink(link)
    this.#open = []
  }

  /** One comparison at a time; however many changes come meanwhile, one more follows. */
  #soon(): void {
    if (this.#isTurnDue || this.#isClosed) return
    this.#isTurnDue = true
    this.#turn = this.#turn.then(async () => {
      this.#isTurnDue = false
      if (!this.#isClosed) await this.#compare()
    })
  }

  async #compare(): Promise<void> {
    const { wanted, read, log } = this.#options
    let present: readonly PresentAddress[]
    try {
      present = await read()
    } catch (error) {
      log.error({ error: textOf(error) }, 'the addresses of this host cannot be read')
      return this.#retryLater()
    }
    const plan = planLinks(
      wanted,
      present,
      this.#open.map(each => each.link),
    )
    for (const at of plan.close) await this.#drop(at)
    this.#tellWaiting(plan.waiting)
    for (const placed of plan.open) await this.#add(placed)
    for (const name of this.#failed.keys())
      if (!plan.open.some(placed => placed.wanted.interface === name)) this.#failed.delete(name)
    if (this.#failed.size > 0) this.#retryLater()
  }

  async #add({ wanted, at }: Placed): Promise<void> {
    const { openLink, dhcp: common, wanted: all, log } = this.#options
    if (this.#isClosed) return
    const dhcp = dhcpOn(common, wanted.dhcp, at.cidr, all.length === 1)
    const before = this.#failed.get(at.interface)
    try {
      const opened = await openLink({ ...at, dhcp })
      this.#failed.delete(at.interface)
      const order = (each: T) => all.findIndex(one => one.interface === each.link.interface)
      this.#open = [...this.#open, opened].sort((left, right) => order(left) - order(right))
    } catch (error) {
      this.#failed.set(at.interface, error)
      if (textOf(before) !== textOf(error))
        log.error({ interface: at.interface, error: textOf(error) }, 'this network cannot be served')
    }
  }

  async #drop(at: PresentAddress): Promise<void> {
    const gone = this.#open.find(each => isSame(each.link, at))
    if (gone === undefined) return
    this.#open = this.#open.filter(each => each !== gone)
    this.#options.log.warn({ interface: at.interface, address: at.cidr.address }, 'network gone')
    await this.#closeLink(gone)
  }

  async #closeLink(link: T): Promise<void> {
    await link.close().catch(error => {
      const { interface: name } = link.link
      this.#options.log.error({ interface: name, error: textOf(error) }, 'closing a network failed')
    })
  }

  #tellWaiting(waiting: readonly Waiting[]): void {
    for (const { interface: name, reason } of waiting)
      if (!this.#waiting.some(before => before.interface === name && before.reason === reason))
        this.#options.log.warn({ interface: name, reason }, 'waiting for a network')
    this.#waiting = waiting
  }

  #retryLater(): void {
    clearTimeout(this.#retry)
    if (this.#isClosed) return
    this.#retry = setTimeout(() => this.#soon(), this.#options.retryMs ?? RETRY_MS)
  }
}

function isWrongConfig(error: unknown): boolean {
  return error instanceof GodwitError && error.code === 'GW_CONFIG_INVALID'
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
