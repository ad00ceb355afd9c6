import type { ServerResponse } from 'node:http'

/** Answers who asks whether we are alive, or ready, where a path is one of these. */
export function isProbe([first = '', ...more]: readonly string[]): boolean {
  return more.length === 0 && PROBES.includes(first)
}

export function answerProbe(name: string, isReady: () => boolean, response: ServerResponse): void {
  const isFine = name !== 'readyz' || isReady()
  const body = isFine ? 'ok' : 'not ready'
  response.writeHead(isFine ? 200 : 503, { 'content-type': 'text/plain', 'content-length': body.length })
  response.end(body)
}

const PROBES: readonly string[] = ['healthz', 'livez', 'readyz']
