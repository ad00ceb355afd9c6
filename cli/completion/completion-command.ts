import { Argument, type Command } from 'commander'
import type { World } from '../world.ts'
import { SCRIPTS, SHELLS, type Shell } from './scripts.ts'

const HELP = `
For kubectl itself (1.26 or newer), once, into a folder of your PATH:
  kubectl coredog completion kubectl > ~/.local/bin/kubectl_complete-coredog
  chmod +x ~/.local/bin/kubectl_complete-coredog

For the program kubectl-coredog, in each shell:
  source <(kubectl-coredog completion bash)
  source <(kubectl-coredog completion zsh)
  kubectl-coredog completion fish | source
  kubectl-coredog completion powershell | Out-String | Invoke-Expression`

export function addCompletion(program: Command, world: World): void {
  program
    .command('completion')
    .description('print what a shell, or kubectl, completes commands, options and ids by')
    .addArgument(new Argument('<shell>', 'for which one').choices(SHELLS))
    .addHelpText('after', HELP)
    .action((shell: Shell) => void world.stdout.write(SCRIPTS[shell]))
}
