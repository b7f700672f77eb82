import type { CaptureEvent, DhcpEvent, HttpEvent, TftpEvent } from './event.ts'

/** Option 60. */
const VENDOR_CLASS = 60

/** What the rules look at: the events by kind, in the order they happened. */
type Seen = {
  readonly all: readonly CaptureEvent[]
  readonly dhcp: readonly DhcpEvent[]
  readonly tftp: readonly TftpEvent[]
  readonly http: readonly HttpEvent[]
}

/** One mistake that boots are known to make, and the sentence for it; `undefined` when it was not made. */
type Rule = (seen: Seen) => string | undefined

/** The sentences of all rules that apply. */
export function diagnose(all: readonly CaptureEvent[]): readonly string[] {
  const seen = {
    all,
    dhcp: all.filter(event => event.kind === 'dhcp'),
    tftp: all.filter(event => event.kind === 'tftp'),
    http: all.filter(event => event.kind === 'http'),
  }
  return RULES.flatMap(rule => rule(seen) ?? [])
}

const message = (events: readonly DhcpEvent[], name: string) => events.filter(event => event.message === name)
/** An offer without an address and a file sends the machine to port 4011 (PXE 2.1 §2.2.3). */
const isBootServerOffer = ({ message, address, file, bootOptions }: DhcpEvent) =>
  message === 'OFFER' && address === '0.0.0.0' && file === '' && bootOptions.includes(VENDOR_CLASS)
const namesBoot = (offer: DhcpEvent) => offer.file !== '' || isBootServerOffer(offer)
const isBootStage = ({ stage }: DhcpEvent) => stage !== undefined && stage !== 'os'

function nobodyAnswers({ dhcp }: Seen): string | undefined {
  const asked = message(dhcp, 'DISCOVER').length
  if (asked === 0 || message(dhcp, 'OFFER').length > 0) return undefined
  return `nobody answered ${asked} DISCOVER${asked === 1 ? '' : 's'}: is godwit serve running, on this interface?`
}

function twoServersLease({ dhcp }: Seen): string | undefined {
  const leasing = message(dhcp, 'OFFER').filter(({ address }) => address !== '0.0.0.0')
  const servers = [...new Set(leasing.map(({ server, from }) => server ?? from))]
  if (servers.length < 2) return undefined
  return `${servers.length} DHCP servers lease addresses here: ${servers.join(', ')}; only one may`
}

function noBootFile({ dhcp }: Seen): string | undefined {
  const offers = message(dhcp, 'OFFER')
  if (offers.length === 0 || !dhcp.some(isBootStage) || offers.some(namesBoot)) return undefined
  const servers = [...new Set(offers.map(({ server, from }) => server ?? from))].join(', ')
  return `no offer (from ${servers}) names a boot file`
}

function bootServerNeverAsked({ all, dhcp }: Seen): string | undefined {
  const offer = dhcp.find(isBootServerOffer)
  if (offer === undefined || all.some(event => event.kind !== 'dhcp' || event.bootServer)) return undefined
  if (!dhcp.some(({ message, atMs }) => message === 'ACK' && atMs > offer.atMs)) return undefined
  return `${offer.from} offered to tell the boot file on port 4011 and the machine never asked there: its firmware ignores proxy offers, or takes only those that name a file`
}

function deafBootServer({ dhcp }: Seen): string | undefined {
  const onPort = dhcp.filter(({ bootServer }) => bootServer)
  const asked = onPort.filter(({ stage }) => stage !== undefined)
  if (asked.length === 0 || onPort.length > asked.length) return undefined
  return `nobody answered ${asked.length} requests to port 4011: a firewall (4011/udp)?`
}

/** A DISCOVER after the last offer, and nothing fetched since: the machine did not like what it was offered. */
function offersIgnored({ dhcp, tftp, http }: Seen): string | undefined {
  const offers = message(dhcp, 'OFFER').filter(({ file }) => file !== '')
  const first = offers[0]
  if (first === undefined || tftp.length > 0 || http.length > 0) return undefined
  const again = message(dhcp, 'DISCOVER').filter(({ atMs }) => atMs > first.atMs).length
  const requests = message(dhcp, 'REQUEST').length
  if (again === 0) return undefined
  return requests === 0
    ? `the machine asked ${again} more times after the first offer and never took one: its firmware ignores this kind of offer (godwit tries other kinds by itself)`
    : `the machine took an address, fetched nothing and began again ${again} times: its firmware did not understand where to load from`
}

function fileNeverAsked({ dhcp, tftp, http }: Seen): string | undefined {
  const ack = message(dhcp, 'ACK').find(({ file }) => file !== '')
  const again = message(dhcp, 'DISCOVER').some(({ atMs }) => ack !== undefined && atMs > ack.atMs)
  if (ack === undefined || again || tftp.length > 0 || http.length > 0) return undefined
  return `the machine was told to load ${ack.file} from ${ack.nextServer} and never asked for it: can it reach that address?`
}

function refusedFile({ tftp }: Seen): string | undefined {
  const refused = tftp.find(({ outcome }) => outcome === 'refused')
  return refused && `${refused.server} refuses ${refused.file} by TFTP: ${refused.error ?? 'no reason given'}`
}

function deafTftp({ tftp }: Seen): string | undefined {
  const deaf = tftp.find(({ outcome }) => outcome === 'no answer')
  return deaf && `${deaf.server} did not answer the TFTP request for ${deaf.file}: a firewall (69/udp)?`
}

function brokenTransfer({ tftp }: Seen): string | undefined {
  const broken = tftp.find(({ outcome }) => outcome === 'broke off' || outcome === 'aborted')
  if (broken === undefined) return undefined
  const why = broken.error === undefined ? 'the client fell silent' : broken.error
  return `${broken.file} broke off after ${broken.bytes} bytes (${broken.repeatedBlocks} blocks sent twice): ${why}`
}

function lossyCable({ tftp }: Seen): string | undefined {
  const lossy = tftp.find(({ blocks, repeatedBlocks }) => repeatedBlocks > 5 && repeatedBlocks > blocks / 50)
  return (
    lossy &&
    `${lossy.repeatedBlocks} of ${lossy.blocks} blocks of ${lossy.file} were sent twice: cable or switch lose packets`
  )
}

/** The ROM has its loader, but no iPXE ever asked: it hangs, or its driver finds no card. */
function silentLoader({ dhcp, tftp, http }: Seen): string | undefined {
  const loader = tftp.filter(({ outcome, bytes }) => outcome === 'complete' && bytes > 10_000).at(-1)
  if (loader === undefined || http.some(({ atMs }) => atMs > loader.atMs)) return undefined
  if (dhcp.some(({ stage, atMs }) => stage === 'ipxe' && atMs > loader.atMs)) return undefined
  return `${loader.file} came whole, but no iPXE asked for an address after it: the loader hangs or finds no card; try another one (boot.machines[].loader)`
}

function scriptNeverAsked({ dhcp, http }: Seen): string | undefined {
  const told = message(dhcp, 'ACK')
    .filter(({ file }) => file.startsWith('http://'))
    .at(-1)
  if (told === undefined || http.length > 0) return undefined
  return `iPXE was told to load ${told.file} and never asked for it: a firewall (the boot HTTP port)?`
}

function httpRefused({ http }: Seen): string | undefined {
  const refused = http.find(({ status }) => status !== undefined && status >= 400)
  return refused && `${refused.request} was refused with status ${refused.status}`
}

function nak({ dhcp }: Seen): string | undefined {
  const refused = message(dhcp, 'NAK')
  const by = [...new Set(refused.map(({ server, from }) => server ?? from))].join(', ')
  return refused.length === 0 ? undefined : `${by} refused an address (NAK), ${refused.length} times`
}

const RULES: readonly Rule[] = [
  nobodyAnswers,
  twoServersLease,
  nak,
  noBootFile,
  bootServerNeverAsked,
  deafBootServer,
  offersIgnored,
  fileNeverAsked,
  deafTftp,
  refusedFile,
  brokenTransfer,
  lossyCable,
  silentLoader,
  scriptNeverAsked,
  httpRefused,
]
