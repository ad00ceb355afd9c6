import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import { fieldsOf } from '../../crash/fields.ts'
import { showInvisible } from '../../untrusted/invisible.ts'
import type { JsonPatch } from './json-patch.ts'
import { type LabelledLevel, type MutateSettings, mutate } from './mutate.ts'
import { readPod } from './pod.ts'

/** What an answer needs to know of the world. */
export interface Outside {
  readonly settings: MutateSettings
  /** The level that a namespace enforces; `null`: unknown. */
  readonly levelOf: (namespace: string) => LabelledLevel | null
  readonly log: Logger
}

/** What was done, to be counted. `failed`: the pod goes on as it was, because of a mistake, not of a rule. */
export type Outcome = 'injected' | 'skipped' | 'failed'

interface Answer {
  readonly review: AdmissionReview
  readonly outcome: Outcome
  /** Why the pod could not be read; `null`: it could. */
  readonly mistake: string | null
}

/**
 * The half of an AdmissionReview that goes back, see
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/.
 */
export interface AdmissionReview {
  readonly apiVersion: string
  readonly kind: 'AdmissionReview'
  readonly response: {
    readonly uid: string
    readonly allowed: true
    readonly patchType?: 'JSONPatch'
    /** Base64 of the patch as JSON. */
    readonly patch?: string
    readonly warnings?: readonly string[]
  }
}

interface Result {
  readonly outcome: Outcome
  readonly patch: JsonPatch
  readonly warnings: readonly string[]
  readonly mistake?: string
}

interface Request {
  readonly uid: string
  readonly namespace: string
  readonly object: unknown
  readonly createsPod: boolean
}

/**
 * Answers an AdmissionReview, parsed from JSON. Never throws, and never refuses a pod: to go without a core
 * is better than to go without the pod. Speaks v1 and, to API servers before 1.16, v1beta1: the one that was
 * asked in.
 */
export function admit(json: unknown, outside: Outside): Answer {
  const review = fieldsOf(json)
  const request = readRequest(review.request)
  const { outcome, patch, warnings, mistake = null } = decide(request, outside)
  const response = {
    uid: request.uid,
    allowed: true as const,
    ...(patch.length > 0 && {
      patchType: 'JSONPatch' as const,
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    }),
    ...(warnings.length > 0 && { warnings: warnings.slice(0, MAX_WARNINGS).map(headerText) }),
  }
  const apiVersion =
    review.apiVersion === 'admission.k8s.io/v1beta1' ? review.apiVersion : 'admission.k8s.io/v1'
  return { review: { apiVersion, kind: 'AdmissionReview', response }, outcome, mistake }
}

function decide(request: Request, { settings, levelOf, log }: Outside): Result {
  const { uid, namespace, object } = request
  try {
    if (!request.createsPod) return { outcome: 'skipped', patch: [], warnings: [] }
    const pod = readPod(object)
    const name = `${namespace}/${pod.name || pod.generateName}`
    const mutation = mutate(pod, { name: namespace, podSecurity: levelOf(namespace) }, settings)
    const { warnings } = mutation
    // Both lines are documented: people search the log for them.
    if ('skip' in mutation) {
      log.info({ uid, warnings }, `Skip injection for pod ${name} - Reason: ${mutation.skip}`)
      return { outcome: 'skipped', patch: [], warnings }
    }
    log.info({ uid, warnings }, `Injecting corefile volume for pod ${name} (admission-uid: ${uid})`)
    return { outcome: 'injected', patch: mutation.patch, warnings }
  } catch (err) {
    // The decision for every failure that we did not foresee: the pod goes on as it is.
    log.error({ err, uid, namespace }, 'pod left as it is')
    return {
      outcome: 'failed',
      patch: [],
      warnings: ['coredog: the pod could not be read, and was left as it is'],
      mistake: messageOf(err),
    }
  }
}

function readRequest(json: unknown): Request {
  const { uid, namespace, object, operation, kind, subResource } = fieldsOf(json)
  const ofPods = fieldsOf(kind).kind === 'Pod' && (subResource ?? '') === ''
  return {
    uid: typeof uid === 'string' ? uid : '',
    namespace: typeof namespace === 'string' ? namespace : '',
    object,
    createsPod: operation === 'CREATE' && ofPods,
  }
}

// The API server sends warnings on as HTTP headers, cuts them at 256 characters, and drops all after 4096.
const MAX_WARNINGS = 16
const MAX_WARNING_CHARACTERS = 200

function headerText(warning: string): string {
  const clean = showInvisible(warning, '?')
  const short = [...clean].slice(0, MAX_WARNING_CHARACTERS).join('')
  return short.startsWith('coredog: ') ? short : `coredog: ${short}`
}
