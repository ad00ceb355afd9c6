import { type Command, InvalidArgumentError, Option } from 'commander'
import { plain } from '../../untrusted/plain-text.ts'
import { type Cluster, ClusterError } from '../cluster.ts'
import { CliError, EXIT } from '../exit.ts'
import { withJob } from '../job/with-job.ts'
import { type Installer, installersOf, USUAL_NAMESPACE } from '../nodes/installer.ts'
import type { GlobalOptions } from '../options.ts'
import { styleOf } from '../terminal/style.ts'
import type { World } from '../world.ts'
import { crashAndFollow } from './crash-and-follow.ts'
import { testJob } from './test-job.ts'
import { listedAs, toldToChat } from './told.ts'

interface TestOptions extends GlobalOptions {
  readonly systemNamespace?: string
  readonly image?: string
  readonly node?: string
  readonly timeout: number
}

const EPILOGUE = `
A Job of CoreDog's own image crashes once in your namespace, as Pod Security "restricted" has it, and is removed when
the test ends, at Ctrl-C, too. A second test within dedupe.window is counted, and no core of it is kept.
Exit code 1: its core was not kept, or a chat was not told.

Examples:
  kubectl coredog test -n shop
  kubectl coredog test -n shop --node node-7 --timeout 300`

export function addTest(program: Command, world: World): void {
  program
    .command('test')
    .description('crash in a pod of its own, and follow it to the store and the chat')
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait for the core').argParser(seconds).default(120),
    )
    .option('--node <name>', 'where to crash (default: anywhere)')
    .option('--image <image>', 'what crashes (default: the image of the installers)')
    .option('--system-namespace <name>', 'where the installers are (default: coredog-system)')
    .addHelpText('after', EPILOGUE)
    .action((_, command: Command) => test(command.optsWithGlobals<TestOptions>(), world))
}

async function test(options: TestOptions, world: World): Promise<void> {
  const cluster = await world.openCluster(options)
  const { namespace } = cluster
  const { signal } = world
  const installers = await knownInstallers(cluster, options, signal)
  const say = steps(world)
  const body = testJob({
    ...imageFor(options, installers, namespace),
    timeoutSeconds: options.timeout,
    ...nodeOf(options),
  })
  await withJob(cluster, { namespace, body, say, later: 'in ten minutes', signal }, async job => {
    const following = { namespace, job, timeoutSeconds: options.timeout, signal, say }
    const { pod, event } = await crashAndFollow(cluster, following)
    if (event.reason === 'CoreDumpFailed') throw lost()
    if (event.reason === 'CoreDumped')
      say(await listedAs(() => world.openSource(options), { namespace, uid: pod.uid }, signal))
    const { told, what } = await toldToChat(
      cluster,
      installers.find(({ node }) => node === pod.node),
      signal,
    )
    say(what)
    if (told === false) throw untold()
  })
}

function nodeOf({ node }: TestOptions): { readonly node?: string } {
  return node === undefined ? {} : { node }
}

/** None where they may not be listed, if an image was named. */
async function knownInstallers(
  cluster: Cluster,
  { systemNamespace, image }: TestOptions,
  signal: AbortSignal,
): Promise<readonly Installer[]> {
  try {
    // In any other namespace a tenant may call its pods so, and their image would run in yours.
    return await installersOf(cluster, systemNamespace ?? USUAL_NAMESPACE, signal)
  } catch (error) {
    if (error instanceof ClusterError && image !== undefined) return []
    throw error
  }
}

function imageFor({ image }: TestOptions, installers: readonly Installer[], namespace: string) {
  const installer = installers.find(({ ready }) => ready) ?? installers[0]
  const chosen = image ?? installer?.image
  if (chosen === undefined)
    throw new CliError(
      EXIT.notFound,
      'There is no installer in this cluster, whose image could crash',
      'Name one with --image, or say with --system-namespace where they are.',
    )
  // A secret is of its namespace.
  const isNear = image === undefined && installer?.namespace === namespace
  return { image: chosen, pullSecrets: isNear ? installer.pullSecrets : [] }
}

/** Prints a step with the seconds that have passed. */
function steps({ stdout, environment, now }: World): (step: string) => void {
  const { dim } = styleOf(stdout, environment)
  const from = now().getTime()
  return step => {
    const passed = `${((now().getTime() - from) / 1000).toFixed(1)} s`.padStart(8)
    stdout.write(`${dim(passed)}  ${plain(step, 1500)}\n`)
  }
}

function lost(): CliError {
  return new CliError(
    EXIT.error,
    'Its core was lost',
    'The Event says why; kubectl coredog status shows how the node is.',
  )
}

function untold(): CliError {
  return new CliError(
    EXIT.error,
    'Its core was kept, and a chat was not told',
    'The log of the installer says what the chat answered: docs/troubleshooting.md.',
  )
}

function seconds(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number of seconds.')
}
