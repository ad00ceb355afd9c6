import type { ResourceRequest } from '../resource-request.ts'

/** A short answer, whole. */
export function sendText({ request, response }: ResourceRequest, type: string, text: string): void {
  response.writeHead(200, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}

export function sendJson(asked: ResourceRequest, value: unknown): void {
  sendText(asked, 'application/json', `${JSON.stringify(value)}\n`)
}
