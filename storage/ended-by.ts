import type { Readable } from 'node:stream'

/** `stream`, which fails when `signal` aborts: whoever reads it is not kept waiting. */
export function endedBy(signal: AbortSignal | undefined, stream: Readable): Readable {
  if (signal === undefined) return stream
  const end = () => stream.destroy(signal.reason)
  // One that fails before it is read has nobody else who hears of it, which would end us.
  stream.on('error', () => undefined)
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })
  stream.once('close', () => signal.removeEventListener('abort', end))
  return stream
}
