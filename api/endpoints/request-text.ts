import type { Readable } from 'node:stream'
import { badRequest, tooLarge } from '../status-error.ts'

// An endpoint has some hundred bytes; kubectl adds what it managed.
const MOST_BYTES = 64 * 1024

/** The body of a request, which is small. */
export async function requestText(request: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes <= MOST_BYTES) chunks.push(chunk)
    }
  } catch (cause) {
    throw badRequest(`the body broke off after ${bytes} bytes: ${(cause as Error).message}`)
  }
  if (bytes > MOST_BYTES) throw tooLarge(`the object has over ${MOST_BYTES} bytes`)
  return Buffer.concat(chunks).toString()
}
