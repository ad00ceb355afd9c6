import { type Command, Option } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import type { GlobalOptions } from '../options.ts'
import { styleOf } from '../terminal/style.ts'
import type { World } from '../world.ts'
import { clusterFindings } from './cluster-findings.ts'
import type { Finding } from './finding.ts'
import { conclusionOf, findingsList } from './findings-list.ts'
import { podFindings } from './pod-findings.ts'
import { readPod } from './read-pod.ts'

interface DoctorOptions extends GlobalOptions {
  readonly systemNamespace?: string
  readonly output?: 'json'
}

const TRIAL_SECONDS = 15

const EPILOGUE = `
✓ as it should be, ✗ in the way of a core, ! worth knowing, ? could not be seen. What may not be read is said, and
nothing fails of it: for a pod, reading it is enough; more is seen with its node, Events, and get on pods/proxy of
the installers. Exit code 1: a crash would not be collected.

Examples:
  kubectl coredog doctor pod/web-0 -n shop     would a crash of this pod be collected, and if not why
  kubectl coredog doctor                       is CoreDog on all nodes, and does its store work`

export function addDoctor(program: Command, world: World): void {
  program
    .command('doctor')
    .argument('[pod]', 'pod/NAME; without it, the whole cluster is looked at')
    .description('would a crash be collected, and if not why')
    .option('--system-namespace <name>', 'where the installers are (default: coredog-system, else any)')
    .addOption(new Option('-o, --output <format>', 'for programs').choices(['json']))
    .addHelpText('after', EPILOGUE)
    .action((pod: string | undefined, _, command: Command) =>
      doctor(pod, command.optsWithGlobals<DoctorOptions>(), world),
    )
}

async function doctor(pod: string | undefined, options: DoctorOptions, world: World): Promise<void> {
  const { stdout, environment, signal } = world
  const cluster = await world.openCluster(options)
  const asking = { namespace: cluster.namespace, systemNamespace: options.systemNamespace, signal }
  const name = pod === undefined ? null : podName(pod)
  const findings =
    name === null
      ? await clusterFindings(cluster, { ...asking, trialSeconds: TRIAL_SECONDS })
      : podFindings(await readPod(cluster, name, asking))
  const conclusion = conclusionOf(findings, name === null ? 'a pod that asked for it' : `pod/${name}`)
  const style = styleOf(stdout, environment)
  stdout.write(
    options.output === 'json'
      ? `${JSON.stringify({ conclusion, findings }, null, 2)}\n`
      : `${findingsList(findings, style)}\n${style.bold(conclusion)}\n`,
  )
  if (isInTheWay(findings)) throw new CliError(EXIT.error, conclusion, 'What to do stands below each ✗.')
}

function isInTheWay(findings: readonly Finding[]): boolean {
  return findings.some(({ verdict }) => verdict === 'no')
}

/** `web-0`, `pod/web-0`, `pods/web-0`: one of a path is no name. */
function podName(text: string): string {
  const name = text.replace(/^(?:po|pods?)\//, '')
  if (/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) return name
  throw new CliError(
    EXIT.usage,
    'That is no name of a pod',
    'Write it as pod/NAME: kubectl get pods shows the names.',
  )
}
