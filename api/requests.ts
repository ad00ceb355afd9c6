import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { plain } from '../untrusted/plain-text.ts'
import type { RequestUser, Verb } from './resource-request.ts'

/** Of one request, what log and metrics are told when it is over. */
export interface RequestRecord {
  user: RequestUser | null
  verb: Verb | null
  /** With its subresource; `null`: of no resource. */
  resource: string | null
  namespace: string | null
  name: string | null
  fault: unknown
}

export function newRecord(): RequestRecord {
  return { user: null, verb: null, resource: null, namespace: null, name: null, fault: null }
}

/** A line for each request of a resource, and for each that failed by our own fault. */
export function logRequest(
  { user, verb, resource, namespace, name, fault }: RequestRecord,
  { request, response, seconds }: { request: IncomingMessage; response: ServerResponse; seconds: number },
  log: Logger,
): void {
  const line = {
    ...(user !== null && { user: plain(user.name) }),
    verb,
    resource,
    namespace,
    ...(name !== null && { name: plain(name) }),
    code: response.statusCode,
    // Who went before the end has not got all.
    ...(!response.writableFinished && { isCut: true }),
    seconds: Math.round(seconds * 1000) / 1000,
  }
  if (fault !== null && response.statusCode >= 500)
    log.error({ ...line, ...causesOf(fault) }, 'request failed')
  else if (resource !== null) log.info(line, 'request')
  else log.debug({ ...line, path: plain(request.url ?? '') }, 'request')
}

function causesOf(fault: unknown): object {
  const cause = fault instanceof Error && fault.cause !== undefined ? fault.cause : fault
  return { err: cause, ...(cause instanceof Error && 'hint' in cause && { hint: cause.hint }) }
}
