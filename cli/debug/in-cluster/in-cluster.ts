import type { Coredump } from '../../../coredump/coredump.ts'
import { plain } from '../../../untrusted/plain-text.ts'
import type { Cluster } from '../../cluster.ts'
import { CliError, EXIT } from '../../exit.ts'
import type { JobPlace } from '../../job/pod-of-job.ts'
import { withJob } from '../../job/with-job.ts'
import type { World } from '../../world.ts'
import type { CrashFiles, CrashFolder } from '../crash-folder.ts'
import type { DebugOptions } from '../debug-options.ts'
import { argumentsFor, crashIn, type DebuggerName } from '../debugger.ts'
import { ignoring } from '../ignoring.ts'
import { contentsOf, type FolderContents } from './checksums.ts'
import { copyInto } from './copy-into.ts'
import { architectureOf } from './core-architecture.ts'
import { CRASH_FOLDER, debugJob, MOST_HOURS } from './debug-job.ts'
import { endOfPod, startedPod } from './debug-pod.ts'
import { DebuggedPod } from './debugged-pod.ts'
import { Exec } from './exec.ts'
import { type Images, imagesFor } from './images.ts'
import { neededProgram } from './kubectl.ts'
import { pullSecretsOf } from './pull-secrets.ts'

/** What is opened in the cluster. */
export interface InCluster {
  readonly crash: Coredump
  readonly files: CrashFiles
  readonly folder: CrashFolder
  /** For the debugger. */
  readonly more: readonly string[]
  readonly options: DebugOptions
  readonly world: World
  readonly say: (text: string) => void
}

/** What is made of it once, before there is a pod. */
interface Prepared extends InCluster {
  readonly programs: { readonly kubectl: string; readonly tar: string }
  readonly contents: FolderContents
  readonly images: Images
}

/** Opens a crash in a pod of its own in the namespace of the crash, which is removed at the end, at Ctrl-C too. */
export async function openInCluster(asked: InCluster): Promise<void> {
  const { options, world, say, crash, folder } = asked
  const { namespace } = crash.metadata
  if (!/^[a-z0-9]/.test(namespace)) throw noNamespace(namespace)
  // A terminal that is closed ends kubectl, and then we remove what we made.
  using _ignored = ignoring('SIGHUP')
  const programs = { kubectl: neededProgram(world, 'kubectl'), tar: neededProgram(world, 'tar') }
  const images = imagesFor(asked)
  const cluster = await world.openCluster(options)
  const contents = await contentsOf(folder.folder)
  const prepared = { ...asked, programs, images, contents }
  const body = await jobFor(prepared, cluster)
  const later = `at most ${MOST_HOURS} hours after it began`
  await withJob(cluster, { namespace, body, say, later, signal: world.signal }, job =>
    openInJob(prepared, cluster, { namespace, job, signal: world.signal }),
  )
}

async function jobFor(prepared: Prepared, cluster: Cluster): Promise<object> {
  const { crash, files, options, images, contents, world } = prepared
  const { node } = crash.spec
  return debugJob({
    ...images,
    pullSecrets: await pullSecretsOf(cluster, crash, world.signal),
    architecture: await architectureOf(files.core),
    ...(node !== undefined && { node }),
    sizeBytes: contents.sizeBytes,
    memory: options.memory,
  })
}

async function openInJob(prepared: Prepared, cluster: Cluster, place: JobPlace): Promise<void> {
  const { options, world, programs, say } = prepared
  const pod = await startedPod(cluster, { ...place, say })
  say(`the pod ${pod} runs ${plain(prepared.images.image)}`)
  const { namespace } = place
  const exec = new Exec({ kubectl: programs.kubectl, options, namespace, pod }, world)
  try {
    await openInPod(prepared, exec, new DebuggedPod(exec, namespace, world.signal))
  } catch (error) {
    world.signal.throwIfAborted()
    const end = await endOfPod(cluster, place).catch(() => null)
    throw end === null ? error : wasEnded(end, error)
  }
}

async function openInPod(prepared: Prepared, exec: Exec, pod: DebuggedPod): Promise<void> {
  const { options, world, more, folder, contents, programs, say } = prepared
  const { debugger: program = 'gdb' } = options
  const lacking = await pod.lacking([program, 'tar', 'gzip', 'sha256sum'])
  if (lacking.length > 0) throw lacks(prepared, lacking)
  say('copying the core into it')
  await copyInto(pod, { world, folder: folder.folder, contents, tar: programs.tar })
  const crash = await inPod(prepared, pod)
  const isTerminal = world.stdin.isTTY === true && world.stdout.isTTY === true
  const command = [...IN_CRASH_FOLDER, program, ...argumentsFor(program, crash, more)]
  const exitCode = await exec.attend(command, isTerminal, world.signal)
  if (exitCode !== 0) throw endedWith(program, exitCode)
}

/** In `/` gdb takes libraries of its own image for those that it finds nowhere else. */
const IN_CRASH_FOLDER = ['sh', '-c', `cd ${CRASH_FOLDER} && exec "$@"`, 'sh']

/** Where the debugger finds what in the pod. */
async function inPod({ crash, folder, images, say }: Prepared, pod: DebuggedPod): Promise<CrashFolder> {
  const copied = crashIn(CRASH_FOLDER, folder.program !== null)
  if (!images.needsFiles) return copied
  const root = images.crashed === null ? '/' : await pod.crashedRoot()
  if (root === null) {
    say('the crashed image does not start, or has no sh and sleep: there is only what CoreDog stored')
    return copied
  }
  const program = copied.program ?? (await pod.programIn(root, crash.spec.executable))
  return { ...copied, sysroot: root, program }
}

function noNamespace(namespace: string): CliError {
  const hint = 'Open it on this machine, without --in-cluster.'
  return new CliError(EXIT.usage, `"${plain(namespace)}" is no namespace of a cluster`, hint)
}

function lacks({ options, images }: Prepared, programs: readonly string[]): CliError {
  const whose = options.debuggerImage === undefined ? 'The image that crashed' : 'The image'
  return new CliError(
    EXIT.notFound,
    `${whose} has no ${programs.join(', ')}: ${plain(images.image)}`,
    'Name one that has sh, sleep, tar, gzip, sha256sum and the debugger with --debugger-image.',
  )
}

function endedWith(program: DebuggerName, exitCode: number): CliError {
  const killed = 'It was killed, most likely for want of memory: --memory gives it more.'
  const hint = exitCode === 137 ? killed : 'What it wrote says why.'
  return new CliError(EXIT.error, `${program} ended with ${exitCode}`, hint)
}

function wasEnded(why: string, cause: unknown): CliError {
  return new CliError(
    EXIT.error,
    `The debug pod was ended: ${why}`,
    'Run the same command again: nothing is fetched twice. Was it OOMKilled, --memory gives it more; was it evicted, its node had no room.',
    cause,
  )
}
