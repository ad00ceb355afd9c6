import type { OperatorError } from '../../crash/errors.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { certificatesIn } from './secret.ts'

/** An object that has the API server call us, and says in a `caBundle` whose certificates it believes then. */
export interface Caller {
  readonly path: string
  readonly name: string
  /** What the log says when it cannot be read. */
  readonly unread: string
  /** What to do where there is none. */
  missing(cause: unknown): OperatorError
  /** Whether it believes certificates of `authority`'s wherever it calls `service`: also if it never does. */
  believes(object: KubeObject, service: ServiceName, authority: string): boolean
  /**
   * The merge patch that makes it believe in `authorities`, and in no others, where it calls `service`; `null`: it
   * does.
   */
  patch(object: KubeObject, service: ServiceName, authorities: readonly string[]): object | null
}

export interface ServiceName {
  readonly namespace: string
  readonly name: string
}

/** `caBundle`: PEM in base64. */
export function authoritiesIn(caBundle = ''): string[] {
  return certificatesIn(Buffer.from(caBundle, 'base64').toString())
}

export function caBundleOf(authorities: readonly string[]): string {
  return Buffer.from(authorities.join('')).toString('base64')
}

// Not as texts: cert-manager's injector may write the same certificates in another way, and would do so for
// ever.
export function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.every(one => right.includes(one)) && right.every(one => left.includes(one))
}
