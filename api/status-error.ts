/** What a `Status` of Kubernetes says besides code, reason and message. */
export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly causes?: readonly {
    readonly reason?: string
    readonly message?: string
    readonly field?: string
  }[]
}

interface More {
  readonly details?: StatusDetails
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** Is sent as a v1 `Status`. The message goes to the client as it is: no secret, and nothing of others, is in it. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  /** HTTP's. */
  readonly code: number
  /** As Kubernetes names it: `NotFound`, `Forbidden`, `BadRequest` … */
  readonly reason: string
  readonly details: StatusDetails
  /** `null`: it is not said. */
  readonly retryAfterSeconds: number | null

  constructor(
    code: number,
    reason: string,
    message: string,
    { details = {}, retryAfterSeconds, cause }: More = {},
  ) {
    super(message, { cause })
    this.code = code
    this.reason = reason
    this.details = details
    this.retryAfterSeconds = retryAfterSeconds ?? null
  }
}

/** `resource` with its group: `coredumps.coredog.io`. */
export function notFound(resource: string, name: string): StatusError {
  const details = detailsOf(resource, name)
  return new StatusError(404, 'NotFound', `${resource} "${name}" not found`, { details })
}

export function forbidden(resource: string, name: string, why: string): StatusError {
  const details = detailsOf(resource, name)
  const what = name === '' ? resource : `${resource} "${name}"`
  return new StatusError(403, 'Forbidden', `${what} is forbidden: ${why}`, { details })
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message)
}

export function alreadyExists(resource: string, name: string): StatusError {
  const details = detailsOf(resource, name)
  return new StatusError(409, 'AlreadyExists', `${resource} "${name}" already exists`, { details })
}

/** The object of a client is not valid: `field` as `spec.poduid`. */
export function invalid(resource: string, name: string, field: string, message: string): StatusError {
  const details = { ...detailsOf(resource, name), causes: [{ reason: 'FieldValueInvalid', message, field }] }
  const text = `${resource} "${name}" is invalid: ${field}: ${message}`
  return new StatusError(422, 'Invalid', text, { details })
}

export function tooLarge(message: string): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', message)
}

export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds })
}

export function methodNotAllowed(verb: string, resource: string): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind "${resource}"`,
  )
}

/** A `continue` that counts no more. */
export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message)
}

/** The store or the API server does not answer: it may later. */
export function unavailable(message: string, cause?: unknown): StatusError {
  return new StatusError(503, 'ServiceUnavailable', message, { retryAfterSeconds: 5, cause })
}

function detailsOf(resource: string, name: string): StatusDetails {
  const [kind = '', ...group] = resource.split('.')
  return { ...(name !== '' && { name }), ...(group.length > 0 && { group: group.join('.') }), kind }
}
