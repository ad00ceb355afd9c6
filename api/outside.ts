import type { Logger } from 'pino'
import type { IndexEntry } from '../crash/index-entry.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import type { RequestUser, Verb } from './resource-request.ts'

/** What resources meet on their way. */
export interface ApiOutside {
  readonly store: ObjectStore
  readonly index: CrashIndex
  /** The one that is served; empty: it has no name. */
  readonly cluster: string
  /** A SubjectAccessReview, cached for seconds. Rejects where the API server does not answer. */
  readonly mayDo: (user: RequestUser, attributes: AccessAttributes) => Promise<boolean>
  /** `creationTimestamp`; `null`: there is no such namespace. Bounded, cached for seconds. */
  readonly namespaceCreated: (name: string) => Promise<Date | null>
  readonly log: Logger
}

/** What RBAC is asked about. */
export interface AccessAttributes {
  readonly verb: Verb
  readonly group: string
  readonly resource: string
  readonly subresource?: string
  /** Absent: all of them. */
  readonly namespace?: string
  readonly name?: string
}

/** Of `crash-index/`, what resources need. */
export interface CrashIndex {
  /** The newest first. */
  ofNamespace(
    namespace: Pick<IndexEntry, 'cluster' | 'namespace'>,
    options?: { readonly after?: string; readonly signal?: AbortSignal },
  ): AsyncIterable<Indexed>
  ofAll(options?: {
    readonly since?: Date
    readonly until?: Date
    readonly after?: string
    readonly signal?: AbortSignal
  }): AsyncIterable<Indexed>
  find(crash: Pick<IndexEntry, 'cluster' | 'namespace' | 'time' | 'id'>): Promise<IndexEntry | null>
}

/** A name of the index. */
export interface Indexed {
  readonly entry: IndexEntry
  readonly key: string
  readonly storedAt: Date
}
