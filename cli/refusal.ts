import { plain } from '../untrusted/plain-text.ts'
import { ClusterError } from './cluster.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { askedByCanI, permissionOf } from './permission.ts'

/** Of what was asked. */
interface Asked {
  readonly method: string
  readonly path: string
}

const LONGEST_MESSAGE = 1000

/** The error for an answer that is no success. `body` is a v1 Status, if all is well. */
export function refusal(asked: Asked, status: number, body: string): ClusterError {
  const { message, reason } = statusIn(body)
  const said = plain(message ?? `HTTP ${status}`, LONGEST_MESSAGE)
  return new ClusterError(
    { status, reason: reason ?? '', exitCode: exitCodeFor(status) },
    `Cannot ${whatOf(asked)}: ${said}`,
    hintFor(asked, status),
  )
}

/** The error where there was no answer. */
export function noAnswer(asked: Asked, name: string, cause: unknown): ClusterError {
  const said = cause instanceof Error ? plain(cause.message || cause.name) : 'no answer'
  return new ClusterError(
    { status: null, reason: 'Unreachable', exitCode: EXIT.error },
    `Cannot ${whatOf(asked)}: ${name} does not answer: ${said}`,
    'Look whether `kubectl version` reaches the cluster; --context names another one, --bucket asks the store itself.',
    cause,
  )
}

function exitCodeFor(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.forbidden
  return status === 404 || status === 410 ? EXIT.notFound : EXIT.error
}

function whatOf({ method, path }: Asked): string {
  const permission = permissionOf(method, path)
  if (permission === null) return `ask "${plain(path)}"`
  const { verb, resource, namespace, name } = permission
  const what = name === null ? resource : `${resource} "${plain(name)}"`
  return namespace === null ? `${verb} ${what}` : `${verb} ${what} in the namespace "${plain(namespace)}"`
}

function hintFor(asked: Asked, status: number): string {
  const permission = permissionOf(asked.method, asked.path)
  if (status === 401) return 'Log in again: the cluster does not know who you are.'
  if (status === 403 && permission !== null) {
    const { verb, group, resource } = permission
    const of = group === '' ? `"${resource}"` : `"${resource}" of the API group "${group}"`
    return `You lack the verb "${verb}" on ${of}: ask an administrator for it, and look with \`${askedByCanI(permission)}\`.`
  }
  if (status === 429) return 'It has enough to do: try again in a while.'
  if (status === 503)
    return 'What serves it is not there: `kubectl get apiservice v1alpha1.coredog.io` says why.'
  if (status === 404) return 'Look whether it still exists: `kubectl coredog list` shows what there is.'
  return 'Try again; if it goes on, the log of the API server says more.'
}

function statusIn(body: string): { message?: string; reason?: string } {
  try {
    const { message, reason } = Object(JSON.parse(body)) as Partial<Record<string, unknown>>
    return {
      ...(typeof message === 'string' && message !== '' ? { message } : {}),
      ...(typeof reason === 'string' ? { reason: reason.slice(0, 100) } : {}),
    }
  } catch {
    // A proxy's own page, or nothing: HTTP's number is all there is to say.
    return {}
  }
}
