import type { IncomingMessage, ServerResponse } from 'node:http'

/** Who asks, by the word of the API server. */
export interface RequestUser {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  /** Keys in lower case, as RBAC and audit see them. */
  readonly extra: Readonly<Record<string, readonly string[]>>
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'delete'

/** What is asked of a resource or one of its subresources. */
export interface ResourceRequest {
  readonly user: RequestUser
  readonly verb: Verb
  readonly group: string
  readonly resource: string
  /** `null`: of all namespaces. A DNS label. */
  readonly namespace: string | null
  /** `null`: of the collection. A DNS subdomain. */
  readonly name: string | null
  readonly subresource: string | null
  /** Segments behind the subresource, decoded; none is empty, `.` or `..`, and none has a slash in it. */
  readonly rest: readonly string[]
  readonly query: URLSearchParams
  readonly accept: string
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Aborts when the client goes, or we stop. */
  readonly signal: AbortSignal
}

/** Answers, or throws a `StatusError`. Front proxy and SubjectAccessReview were checked before. */
export type ServeResource = (asked: ResourceRequest) => Promise<void>
