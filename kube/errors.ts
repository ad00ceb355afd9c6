/** The API server refused, or did not answer. `hint` says what to do, in one sentence. */
export class KubeError extends Error {
  override readonly name: string = 'KubeError'
  /** HTTP's; `null`: there was no answer. */
  readonly status: number | null
  /**
   * As Kubernetes names it: `NotFound`, `Forbidden`, `Expired`, `AlreadyExists` …; ours: `Unreachable`,
   * `TooLarge`.
   */
  readonly reason: string
  readonly hint: string

  constructor(message: string, { status, reason, hint, cause }: KubeFailure) {
    super(message, { cause })
    this.status = status
    this.reason = reason
    this.hint = hint
  }
}

interface KubeFailure {
  readonly status: number | null
  readonly reason: string
  readonly hint: string
  readonly cause?: unknown
}

/** What is done to which path: RBAC's words, for a person who has to allow it. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'patch'

/**
 * The error for an answer of the API server's that is not a success. `body` is a `Status`, if all is well.
 */
export function refused(verb: Verb, path: string, status: number, body: string): KubeError {
  const { message, reason } = statusIn(body)
  return new KubeError(`Cannot ${verb} "${path}": ${message ?? `HTTP ${status}`}`, {
    status,
    reason: reason ?? `HTTP${status}`,
    hint: hintFor(verb, path, status),
  })
}

/** The error for a request that got no answer. Node's errors do not hold the token. */
export function unreachable(verb: Verb, path: string, cause: unknown): KubeError {
  return new KubeError(`Cannot ${verb} "${path}": ${stateOf(cause)}`, {
    status: null,
    reason: 'Unreachable',
    hint: 'Check that this pod reaches the API server: network policies, the CNI of this node, and the address in KUBERNETES_SERVICE_HOST.',
    cause,
  })
}

export const TOO_LARGE = 'TooLarge'

/** The error for an answer that is longer than we read. */
export function tooLarge(verb: Verb, path: string, cause: RangeError): KubeError {
  return new KubeError(`Cannot ${verb} "${path}": ${cause.message}`, {
    status: null,
    reason: TOO_LARGE,
    hint: 'Look for objects with very large annotations there.',
    cause,
  })
}

function hintFor(verb: Verb, path: string, status: number): string {
  if (status === 401)
    return 'The token of the service account was refused: look whether the service account still exists.'
  if (status === 403) {
    const { group, resource } = resourceOf(path)
    return `Allow the service account the verb "${verb}" on "${resource}" of API group "${group}": in a ClusterRole, or in a Role of the namespace.`
  }
  if (status === 404)
    return 'Look whether the object still exists, and whether this version of Kubernetes serves the API.'
  return 'Look into the log of the API server; we try again.'
}

/** `/apis/<group>/<version>/…` and `/api/v1/…`, the latter with namespaces before the resource, or not. */
function resourceOf(path: string): { group: string; resource: string } {
  const [, root, ...rest] = path.split('/')
  const group = root === 'apis' ? (rest.shift() ?? '') : ''
  const [, first = '', , third] = rest
  return { group, resource: first === 'namespaces' && third !== undefined ? third : first }
}

function statusIn(body: string): { message?: string; reason?: string } {
  try {
    const { message, reason } = JSON.parse(body) as Partial<Record<string, unknown>>
    return {
      ...(typeof message === 'string' ? { message: message.slice(0, 1000) } : {}),
      ...(typeof reason === 'string' && reason !== '' ? { reason: reason.slice(0, 100) } : {}),
    }
  } catch {
    // A proxy's own page, or nothing: HTTP's number is all there is to say.
    return {}
  }
}

function stateOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'the request failed'
  if (thrown.name === 'TimeoutError') return 'no answer in time'
  // What the parser says of a proxy's page is about the wrong thing.
  if (thrown instanceof SyntaxError) return 'the answer is none of the API server'
  return thrown.message || thrown.name
}
