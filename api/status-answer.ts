import type { ServerResponse } from 'node:http'
import { NotFoundError, StoreError } from '../storage/errors.ts'
import { StatusError, unavailable } from './status-error.ts'

/** What a client is told of a fault: nothing of one that we did not foresee, or that is the store's. */
export function asStatusError(thrown: unknown): StatusError {
  if (thrown instanceof StatusError) return thrown
  if (thrown instanceof NotFoundError)
    return new StatusError(404, 'NotFound', 'the store does not have it', { cause: thrown })
  if (thrown instanceof StoreError) return unavailable('the store does not answer', thrown)
  return new StatusError(500, 'InternalError', 'internal error', { cause: thrown })
}

/** As a v1 `Status`. Where an answer has begun, it is broken off: its client sees that it is not whole. */
export function sendStatus(response: ServerResponse, error: StatusError): void {
  if (response.headersSent) return void response.destroy()
  const { code, retryAfterSeconds } = error
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  sendJson(response, code, statusBody(error), {
    ...(retryAfterSeconds !== null && { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) }),
  })
}

export function statusBody({ code, reason, message, details, retryAfterSeconds }: StatusError): object {
  const more = retryAfterSeconds === null ? {} : { retryAfterSeconds: Math.ceil(retryAfterSeconds) }
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    details: { ...details, ...more },
    code,
  }
}

export function sendJson(
  response: ServerResponse,
  code: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body)
  response.writeHead(code, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-cache, private',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(text)
}
