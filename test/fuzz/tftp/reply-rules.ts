/** A block of 1468 and its header fill one Ethernet frame; nothing may be longer. */
const MAX_BYTES = 1472
const OPTIONS = new Set(['blksize', 'tsize', 'timeout', 'windowsize'])
const [DATA, ERROR, OACK] = [3, 5, 6]
const SERVER = '10.96.0.1'

/** What is wrong with a datagram of the TFTP server; `undefined` when nothing is. */
export function flawOf(bytes: Uint8Array, from: { readonly address: string }): string | undefined {
  if (from.address !== SERVER) return `a datagram comes from ${from.address}`
  if (bytes.length < 4 && bytes[1] !== OACK) return `a datagram has ${bytes.length} bytes`
  if (bytes.length > MAX_BYTES) return `a datagram has ${bytes.length} bytes`
  if (bytes[0] !== 0) return `the opcode is ${bytes[0]}, ${bytes[1]}`
  if (bytes[1] === DATA) return undefined
  if (bytes[1] === ERROR) return bytes.at(-1) === 0 ? undefined : 'an ERROR does not end with 0'
  if (bytes[1] !== OACK) return `a server sent opcode ${bytes[1]}`
  const options = optionsOf(bytes)
  if (options === undefined) return 'an OACK is broken'
  for (const [name, value] of options) {
    if (!OPTIONS.has(name.toLowerCase())) return `an OACK grants ${name}`
    if (!/^\d{1,10}$/.test(value)) return `an OACK grants ${name} ${value}`
  }
  const block = Number(options.get('blksize') ?? 512)
  return block >= 8 && block <= 1468 ? undefined : `an OACK grants blksize ${block}`
}

/** The options of an OACK by name; `undefined` when a terminating 0 is missing or one comes twice. */
export function optionsOf(oack: Uint8Array): ReadonlyMap<string, string> | undefined {
  const words = new TextDecoder('latin1').decode(oack.subarray(2)).split('\0')
  if (words.pop() !== '' || words.length % 2 !== 0) return undefined
  const options = new Map<string, string>()
  for (let at = 0; at < words.length; at += 2) options.set(words[at] ?? '', words[at + 1] ?? '')
  return options.size === words.length / 2 ? options : undefined
}
