import { type Fields, fieldsOf } from '../../../crash/fields.ts'
import type { Pause } from '../../../time/pause.ts'
import { plain } from '../../../untrusted/plain-text.ts'
import { type Cluster, ClusterError } from '../../cluster.ts'
import { CliError, EXIT } from '../../exit.ts'
import { isHopeless, type JobPlace, podOf } from '../../job/pod-of-job.ts'
import { seenBy } from '../../job/seen-by.ts'
import { collection, objectsIn, textOf } from '../../nodes/collection.ts'
import { CRASHED, DEBUGGER } from './debug-job.ts'

export interface Starting extends JobPlace {
  /** Tells a person what it waits for. */
  readonly say: (text: string) => void
  readonly pause?: Pause
}

/** Large images are pulled. */
const START_SECONDS = 300
const LONGEST = 1000

/** The name of the Job's pod, once its debugger can be called, and what is beside it has started, or does not. */
export async function startedPod(cluster: Cluster, starting: Starting): Promise<string> {
  const { say, signal, pause } = starting
  let why = ''
  const late = () => tooLate(why)
  const until = Date.now() + START_SECONDS * 1000
  return await seenBy({ until, signal, late, ...(pause && { pause }) }, async () => {
    const pod = await podOf(cluster, starting)
    const stage = pod === null ? await stageWithoutPod(cluster, starting) : stageOfPod(pod)
    if ('failed' in stage) throw doesNotStart(stage.failed)
    if ('runs' in stage) return stage.runs
    if (stage.waits !== why && stage.waits !== '') say(`waiting: ${stage.waits}`)
    why = stage.waits
    return null
  })
}

/** How far it has come, and why no further. */
type Stage = { readonly runs: string } | { readonly waits: string } | { readonly failed: string }

/** What the Job's controller was refused: Pod Security, a quota, a policy. */
async function stageWithoutPod(cluster: Cluster, { namespace, job, signal }: Starting): Promise<Stage> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`
  const fieldSelector = `involvedObject.kind=Job,involvedObject.name=${job},reason=FailedCreate`
  const events = await collection(cluster, path, { fieldSelector }, signal).catch(error => {
    // Who may not list Events waits, and is told so in the end.
    if (error instanceof ClusterError) return []
    throw error
  })
  const message = plain(textOf(events.at(-1)?.message) ?? '', LONGEST)
  return / is forbidden: | denied the request/.test(message) ? { failed: message } : { waits: message }
}

function stageOfPod(pod: Fields): Stage {
  const [own, crashed] = [stageOf(pod, DEBUGGER), stageOf(pod, CRASHED)]
  if (!('runs' in own)) return own
  return 'waits' in crashed ? crashed : { runs: textOf(fieldsOf(pod.metadata).name) ?? '' }
}

/** A container that there is none of is not waited for. */
function stageOf(pod: Fields, name: string): Stage {
  if (!objectsIn(fieldsOf(pod.spec).containers).some(container => container.name === name))
    return { failed: 'there is none' }
  const found = objectsIn(fieldsOf(pod.status).containerStatuses).find(status => status.name === name)
  const { waiting, running, terminated } = fieldsOf(found?.state)
  if (running !== undefined) return { runs: name }
  if (terminated !== undefined) return { failed: inWords(terminated) }
  if (isHopeless(textOf(fieldsOf(waiting).reason))) return { failed: inWords(waiting) }
  return { waits: inWords(unscheduled(pod) ?? waiting) }
}

function unscheduled({ status }: Fields): Fields | undefined {
  const conditions = objectsIn(fieldsOf(status).conditions)
  return conditions.find(condition => condition.type === 'PodScheduled' && condition.status === 'False')
}

function inWords(state: unknown): string {
  const { reason, message } = fieldsOf(state)
  return plain([reason, message].filter(part => typeof part === 'string').join(': '), LONGEST)
}

/** Why the pod is over; `null`: it is not. */
export async function endOfPod(cluster: Cluster, place: JobPlace): Promise<string | null> {
  const pod = await podOf(cluster, place)
  if (pod === null) return 'it was deleted'
  const status = fieldsOf(pod.status)
  const own = objectsIn(status.containerStatuses).find(({ name }) => name === DEBUGGER)
  const { terminated } = fieldsOf(own?.state)
  if (status.phase === 'Failed' && textOf(status.reason) !== undefined) return inWords(status)
  if (terminated !== undefined) return inWords(terminated)
  return fieldsOf(pod.metadata).deletionTimestamp === undefined ? null : 'it is being deleted'
}

function tooLate(why: string): CliError {
  return new CliError(
    EXIT.error,
    `After ${START_SECONDS} s the debug pod does not run${why === '' ? '' : `: ${why}`}`,
    'It needs a node with room for the core on its disk, and for its memory: --memory is how much of that. An image that was being pulled may be there when you try again; `kubectl get events` says more. Or open the core on this machine, without --in-cluster.',
  )
}

function doesNotStart(why: string): CliError {
  return new CliError(EXIT.error, `The debug pod does not start: ${why}`, hintFor(why))
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:ErrImage|ImagePull|InvalidImageName)/,
    'An image that its registry no longer has is maybe still on the node where it crashed. Name one that can be pulled, and has gdb, with --debugger-image: what CoreDog stored is enough for it. A private one is pulled with the secrets of the pod that crashed, if it still exists, or of the service account "default".',
  ],
  [
    / is forbidden: exceeded quota/,
    'Ask for less with --memory, or open the core on this machine, without --in-cluster.',
  ],
  [
    / is forbidden: | denied the request/,
    'The pod is as Pod Security "restricted" has it, so another policy of this namespace refuses it: ask who made that, or open the core on this machine, without --in-cluster.',
  ],
]

function hintFor(why: string): string {
  const found = HINTS.find(([pattern]) => pattern.test(why))
  return (
    found?.[1] ?? 'Its image has to have sh, sleep, tar, gzip, sha256sum and gdb: --debugger-image names one.'
  )
}
