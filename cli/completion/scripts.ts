export const SHELLS = ['bash', 'zsh', 'fish', 'powershell', 'kubectl'] as const

export type Shell = (typeof SHELLS)[number]

const BASH = `# bash completion of kubectl-coredog
_kubectl_coredog() {
  local line tab=$'\\t'
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :0) compopt -o default 2>/dev/null ;;
      :*) ;;
      *) COMPREPLY+=("\${line%%$tab*}") ;;
    esac
  done < <("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _kubectl_coredog kubectl-coredog
`

const ZSH = `#compdef kubectl-coredog
_kubectl_coredog() {
  local line tab=$'\\t' files=
  local -a found
  while IFS= read -r line; do
    case $line in
      :0) files=yes ;;
      :*) ;;
      *$tab*) found+=("\${\${line%%$tab*}//:/\\\\:}:\${line#*$tab}") ;;
      *) found+=("\${line//:/\\\\:}") ;;
    esac
  done < <("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe -V coredog found
  [[ -z $files ]] || _files
}
compdef _kubectl_coredog kubectl-coredog
`

const FISH = `# fish completion of kubectl-coredog
function __kubectl_coredog_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found ($words[1] __complete $words[2..-1] 2>/dev/null)
  string match -v -r '^:' -- $found
  contains -- :0 $found; and __fish_complete_path (commandline -ct)
end
complete -c kubectl-coredog -f -a '(__kubectl_coredog_complete)'
`

const POWERSHELL = `# PowerShell completion of kubectl-coredog
Register-ArgumentCompleter -Native -CommandName kubectl-coredog -ScriptBlock {
  param($word, $ast, $cursor)
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
  if ($word -eq '') { $words += '""' }
  kubectl-coredog __complete @words 2>$null | Where-Object { $_ -notmatch '^:' } | ForEach-Object {
    $value, $what = $_ -split "\`t", 2
    if (-not $what) { $what = $value }
    [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $what)
  }
}
`

const KUBECTL = `#!/bin/sh
exec kubectl-coredog __complete "$@"
`

/** What a shell reads, or what kubectl runs as \`kubectl_complete-coredog\`. */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
  powershell: POWERSHELL,
  kubectl: KUBECTL,
}
