import type { ServeResource, Verb } from './resource-request.ts'

/** A resource, or a subresource: discovery, OpenAPI and the router are made of it. */
export interface ServedResource {
  /** `coredumps`, or `coredumps/log`. */
  readonly name: string
  readonly kind: string
  readonly verbs: readonly Verb[]
  /** Of a resource, and no subresource. */
  readonly singularName?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  /** Whether there may be segments behind it, as `proxy/binaries/<sha256>`. */
  readonly takesRest?: boolean
  /** What `kubectl explain` says. */
  readonly description: string
  /** The fields of its kind, of JSON Schema; absent: any. */
  readonly schema?: Readonly<Record<string, unknown>>
  readonly serve: ServeResource
}

/** A group with its one version. */
export interface ServedGroup {
  readonly group: string
  readonly version: string
  readonly resources: readonly ServedResource[]
}
