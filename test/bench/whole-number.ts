import { InvalidArgumentError } from 'commander'

/** A whole number above 0 from the command line; throws InvalidArgumentError for anything else. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`"${text}" is not a whole number above 0`)
}
