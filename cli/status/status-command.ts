import { type Command, Option } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import type { GlobalOptions } from '../options.ts'
import { styleOf } from '../terminal/style.ts'
import type { World } from '../world.ts'
import { readNodes } from './read-nodes.ts'
import { statusTable } from './status-table.ts'

interface StatusOptions extends GlobalOptions {
  readonly systemNamespace?: string
  readonly output?: 'json'
}

// A store that is silent takes the self-test 34 seconds: `status` on the node itself waits for that.
const TRIAL_SECONDS = 15

const EPILOGUE = `
Each installer is asked by way of the API server (get on pods/proxy there). Who may not do that gets what Pods,
Nodes and Events say. Exit code 1: a node has problems.

Examples:
  kubectl coredog status
  kubectl coredog status -o json | jq '.nodes[] | select(.problems != [])'`

export function addStatus(program: Command, world: World): void {
  program
    .command('status')
    .description('how CoreDog is on each node')
    .option('--system-namespace <name>', 'where the installers are (default: coredog-system, else any)')
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json']))
    .addHelpText('after', EPILOGUE)
    .action((_, command: Command) => status(command.optsWithGlobals<StatusOptions>(), world))
}

async function status(options: StatusOptions, world: World): Promise<void> {
  const { stdout, stderr, environment, signal } = world
  const cluster = await world.openCluster(options)
  const { systemNamespace } = options
  const where = systemNamespace === undefined ? {} : { systemNamespace }
  const { rows, notes } = await readNodes(cluster, { ...where, trialSeconds: TRIAL_SECONDS, signal })
  for (const note of notes) stderr.write(`${note}\n`)
  if (rows.length === 0)
    throw new CliError(EXIT.notFound, 'There is no installer in this cluster', NOT_INSTALLED)
  const shown = { nodes: rows, notes }
  stdout.write(
    options.output === 'json'
      ? `${JSON.stringify(shown, null, 2)}\n`
      : statusTable(rows, styleOf(stdout, environment), world.now()),
  )
  const ill = rows.filter(({ problems }) => problems.length > 0)
  if (ill.length > 0)
    throw new CliError(EXIT.error, `${ill.length} of ${rows.length} nodes have problems`, SEE)
}

const NOT_INSTALLED = 'Install it (docs/install.md), or say with --system-namespace where it is.'
const SEE = 'What to do stands below each.'
