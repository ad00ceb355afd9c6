import { COREDUMP_API, type Coredump } from '../../coredump/coredump.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { type IncludedObject, includedIn, metadataOf } from './included-object.ts'
import { type Representation, representationFor } from './representation.ts'
import { tableOf } from './table.ts'

/** Of a list: what a client goes on from. */
export interface ListMetadata {
  readonly resourceVersion: string
  readonly continue?: string
}

/** Crashes in the words that a client asked for. */
export class Answer {
  readonly #representation: Representation
  readonly #include: IncludedObject
  readonly #now: () => Date

  /** Throws a 400 or 406 for what is not made here. */
  constructor({ accept, query, verb }: AnswerRequest, now: () => Date = () => new Date()) {
    this.#representation = representationFor(accept, verb)
    this.#include = includedIn(query)
    this.#now = now
  }

  /** `metadata`: of the list; of one crash its own. */
  one(coredump: Coredump): object {
    const { resourceVersion = '' } = coredump.metadata
    if (this.#representation === 'metadata') return metadataOf(coredump)
    return this.#representation === 'table' ? this.#table([coredump], { resourceVersion }) : coredump
  }

  list(coredumps: readonly Coredump[], metadata: ListMetadata): object {
    if (this.#representation === 'table') return this.#table(coredumps, metadata)
    if (this.#representation === 'object')
      return { kind: 'CoredumpList', apiVersion: COREDUMP_API, metadata, items: coredumps }
    const items = coredumps.map(metadataOf)
    return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items }
  }

  /** The object of a BOOKMARK. */
  bookmark(resourceVersion: string): object {
    const metadata = { resourceVersion, creationTimestamp: null }
    if (this.#representation === 'table') return this.#table([], { resourceVersion })
    if (this.#representation === 'object') return { kind: 'Coredump', apiVersion: COREDUMP_API, metadata }
    return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
  }

  #table(coredumps: readonly Coredump[], metadata: ListMetadata): object {
    return tableOf(coredumps, { ...metadata }, { include: this.#include, now: this.#now() })
  }
}

type AnswerRequest = Pick<ResourceRequest, 'accept' | 'query'> & { readonly verb: 'get' | 'list' | 'watch' }
