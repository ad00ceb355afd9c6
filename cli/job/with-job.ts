import { messageOf } from '../../crash/errors.ts'
import { fieldsOf } from '../../crash/fields.ts'
import { type Cluster, jsonOf } from '../cluster.ts'
import { textOf } from '../nodes/collection.ts'

export interface JobOptions {
  readonly namespace: string
  readonly body: object
  /** Tells a person of one step. */
  readonly say: (step: string) => void
  /** When Kubernetes removes it, where we cannot: `in ten minutes`. */
  readonly later: string
  readonly signal: AbortSignal
}

/** Creates the Job, and removes it with its pod once `work` has come to its end, be it by an error or by Ctrl-C. */
export async function withJob<T>(
  cluster: Cluster,
  { namespace, body, say, later, signal }: JobOptions,
  work: (job: string) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const job = await createJob(cluster, namespace, body)
  say(`created the job ${job} in the namespace ${namespace}`)
  try {
    signal.throwIfAborted()
    return await work(job)
  } finally {
    const why = await removeJob(cluster, namespace, job)
    say(
      why === null
        ? `removed the job ${job}`
        : `could not remove the job ${job}: ${why}. Kubernetes does ${later}.`,
    )
  }
}

/** Not to be interrupted: one whose name we never got could not be removed. */
async function createJob(cluster: Cluster, namespace: string, body: object): Promise<string> {
  const path = `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs`
  const { metadata } = fieldsOf(await jsonOf(cluster, { method: 'POST', path, body }))
  return textOf(fieldsOf(metadata).name) ?? ''
}

const REMOVING_SECONDS = 10

/** Also when somebody has told us to end. Answers why not, or `null`. */
async function removeJob(cluster: Cluster, namespace: string, job: string): Promise<string | null> {
  const path = `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs/${encodeURIComponent(job)}`
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' }
  const signal = AbortSignal.timeout(REMOVING_SECONDS * 1000)
  try {
    await jsonOf(cluster, { method: 'DELETE', path, body, signal })
    return null
  } catch (error) {
    return messageOf(error)
  }
}
