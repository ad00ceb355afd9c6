import type { Readable } from 'node:stream'

/** Any store's is some hundred bytes. */
const MOST_BYTES = 4096

/** As the SDK names it: of a bucket that is not there the answer is a 404, too, and a mistake. */
export class NoSuchKey extends Error {
  override readonly name = 'NoSuchKey'
  readonly $metadata = { httpStatusCode: 404 }

  constructor() {
    super('The specified key does not exist')
  }
}

/** Whether an answer, read to its end or to where it is too long for one, says that there is no such object. */
export async function saysNoSuchKey(answer: Readable): Promise<boolean> {
  let text = ''
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    text += chunk.toString('latin1')
    if (text.length > MOST_BYTES) return false
  }
  return text.includes('<Code>NoSuchKey</Code>')
}
