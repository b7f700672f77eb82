import { type Command, InvalidArgumentError, Option } from 'commander'
import { ProcessState } from '../../protocol/process.ts'

/** Adds the options that choose processes (filter.ts) to a command that lists them. */
export function addWishes(command: Command): Command {
  return command
    .option('--node <node>', 'only those on this node, by name or id')
    .option('--name <name>', 'only those of this name')
    .option('--uid <number>', 'only those of this user', userNumber)
    .addOption(new Option('--state <state>', 'only those in this state').choices(ProcessState.options))
}

function userNumber(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`"${text}" is not a user number; id -u NAME prints one`)
}
