import { Argument, type Command } from 'commander'
import { completionScript } from '../completion-script.ts'

/** `godwit completion SHELL`: prints what the shell needs to complete commands and options. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a completion script for your shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(godwit completion bash)\n  godwit completion fish > ~/.config/fish/completions/godwit.fish',
    )
    .action((shell: 'bash' | 'zsh' | 'fish') => {
      process.stdout.write(completionScript(shell, describe(program)))
    })
}

/** A command by its words (`node show`), with the words that may follow. */
export type CompletionNode = { readonly words: string; readonly next: readonly string[] }

function describe(command: Command, words: readonly string[] = []): readonly CompletionNode[] {
  const next = [
    ...command.commands.map(child => child.name()),
    ...command.options.flatMap(option => (option.long ? [option.long] : [])),
    '--help',
  ]
  return [
    { words: words.join(' '), next },
    ...command.commands.flatMap(child => describe(child, [...words, child.name()])),
  ]
}
