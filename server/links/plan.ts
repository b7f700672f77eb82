import { type Cidr, cidrContains } from '../../config/values/cidr.ts'
import type { PresentAddress, WantedLink } from './link.ts'

/** A wanted link that can be served now, and where. */
export type Placed = { readonly wanted: WantedLink; readonly at: PresentAddress }

/** A wanted link that cannot be served now. */
export type Waiting = { readonly interface: string; readonly reason: string }

/** What to do: first close, then open. Links in none of the lists stay as they are. */
export type LinkPlan = {
  readonly close: readonly PresentAddress[]
  readonly open: readonly Placed[]
  readonly waiting: readonly Waiting[]
}

/**
 * Compares what should be served with the addresses there are and the links that are open. A link whose address or NIC
 * went away, or came back as another NIC, is closed; an address that is still there is kept even when the NIC has got
 * another one before it. Of two networks that overlap the first wanted is served, the
 * other by another address of its NIC if that has one.
 */
export function planLinks(
  wanted: readonly WantedLink[],
  present: readonly PresentAddress[],
  open: readonly PresentAddress[],
): LinkPlan {
  const placed: Placed[] = []
  const waiting: Waiting[] = []
  for (const link of wanted) {
    const places = placesOf(link, present, open)
    const rivalOf = (at: PresentAddress) => placed.find(other => overlap(other.at.cidr, at.cidr))
    const at = places.find(place => rivalOf(place) === undefined)
    if (at !== undefined) placed.push({ wanted: link, at })
    else {
      const rival = places.map(rivalOf)[0]
      waiting.push({ interface: link.interface, reason: whyNot(link, present, rival) })
    }
  }
  const isOpen = (at: PresentAddress) => open.some(other => isSame(other, at))
  return {
    close: open.filter(at => !placed.some(target => isSame(target.at, at))),
    open: placed.filter(target => !isOpen(target.at)),
    waiting,
  }
}

/** Whether both are the same address of the same NIC, plugged in only once. */
export function isSame(left: PresentAddress, right: PresentAddress): boolean {
  return (
    left.interface === right.interface &&
    left.index === right.index &&
    left.cidr.address === right.cidr.address &&
    left.cidr.prefixLength === right.cidr.prefixLength
  )
}

/** Where the link may be, the best first. */
function placesOf(
  { interface: name, address }: WantedLink,
  present: readonly PresentAddress[],
  open: readonly PresentAddress[],
): readonly PresentAddress[] {
  const own = present.filter(at => at.interface === name)
  const isOpen = (at: PresentAddress) => open.some(other => isSame(other, at))
  if (address === undefined) return [...own.filter(isOpen), ...own.filter(at => !isOpen(at))]
  const found = own.find(at => at.cidr.address === address.address)
  return found === undefined ? [] : [{ ...found, cidr: address }]
}

function overlap(left: Cidr, right: Cidr): boolean {
  const wider = left.prefixLength <= right.prefixLength ? left : right
  return cidrContains(wider, wider === left ? right.address : left.address)
}

function whyNot(
  { interface: name, address }: WantedLink,
  present: readonly PresentAddress[],
  rival: Placed | undefined,
): string {
  if (rival !== undefined) return `its network overlaps with that of ${rival.wanted.interface}`
  const own = present.filter(at => at.interface === name).map(at => at.cidr.address)
  if (address === undefined || own.length === 0)
    return `there is no interface ${name} that is up and has an IPv4 address`
  return `${name} does not have the address ${address.address}; it has ${own.join(', ')}`
}
