import type { CompletionNode } from './commands/completion.ts'

/** The completion script for `shell`, made from the command tree; zsh reads the bash one through bashcompinit. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', nodes: readonly CompletionNode[]): string {
  if (shell === 'fish') return fishScript(nodes)
  const bash = bashScript(nodes)
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${bash}` : bash
}

function bashScript(nodes: readonly CompletionNode[]): string {
  const cases = nodes.map(node => `    '${node.words}') words='${node.next.join(' ')}' ;;`).join('\n')
  return `_godwit() {
  local path='' word words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $word == -* ]] || path="\${path:+$path }$word"
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _godwit godwit
`
}

function fishScript(nodes: readonly CompletionNode[]): string {
  const lines = nodes.flatMap(node => {
    const condition =
      node.words === ''
        ? '__fish_use_subcommand'
        : node.words
            .split(' ')
            .map(word => `__fish_seen_subcommand_from ${word}`)
            .join('; and ')
    return node.next.map(word =>
      word.startsWith('--')
        ? `complete -c godwit -n '${condition}' -l ${word.slice(2)}`
        : `complete -c godwit -n '${condition}' -f -a ${word}`,
    )
  })
  return `${lines.join('\n')}\n`
}
