import type { ResourceRequest } from '../resource-request.ts'

/** A short answer, whole. */
export function sendText(
  { request, response }: ResourceRequest,
  type: string,
  text: string,
  code = 200,
): void {
  response.writeHead(code, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}

export function sendJson(asked: ResourceRequest, value: unknown, code?: 200 | 201): void {
  sendText(asked, 'application/json', `${JSON.stringify(value)}\n`, code)
}
