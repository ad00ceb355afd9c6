import type { Readable } from 'node:stream'

/** Any store's is some hundred bytes. */
const MOST_BYTES = 4096

const NOT_FOUND = 404
const NO_SUCH_RANGE = 416

const REFUSALS = {
  NoSuchKey: { status: NOT_FOUND, message: 'The specified key does not exist' },
  InvalidRange: { status: NO_SUCH_RANGE, message: 'The object ends before the range' },
} as const

/**
 * What need not be asked twice: there is no such object, or it ends before the range. Of a bucket that is not there the
 * answer is a 404, too, and a mistake.
 */
export type PlainRefusal = keyof typeof REFUSALS

/** The same as an error, as the SDK names it. */
export class PlainRefusalError extends Error {
  override readonly name: PlainRefusal
  readonly $metadata: { readonly httpStatusCode: number }

  constructor(refusal: PlainRefusal) {
    super(REFUSALS[refusal].message)
    this.name = refusal
    this.$metadata = { httpStatusCode: REFUSALS[refusal].status }
  }
}

/** Which of them an answer with `status` may be; `null`: none. */
export function refusalBy(status: number): PlainRefusal | null {
  if (status === NOT_FOUND) return 'NoSuchKey'
  return status === NO_SUCH_RANGE ? 'InvalidRange' : null
}

/** Whether an answer, read to its end or to where it is too long for one, says that. */
export async function says(refusal: PlainRefusal, answer: Readable): Promise<boolean> {
  let text = ''
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    text += chunk.toString('latin1')
    if (text.length > MOST_BYTES) return false
  }
  return text.includes(`<Code>${refusal}</Code>`)
}
