import { pipeline, Readable, Transform } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { EndlessAnswerError } from './endless-answer.ts'

// A page of a listing has a thousand keys of a KiB, escaped. The SDK reads an answer whole before it looks at
// it.
const LARGEST_ANSWER_BYTES = 16 * 2 ** 20

/**
 * Ends with an error every answer but that of GetObject, which is the object, at 16 MiB: no answer of S3 is
 * so long.
 */
export function boundAnswers({ middlewareStack }: S3Client): void {
  middlewareStack.add(
    (next, { commandName }) =>
      async args => {
        const result = await next(args)
        const response = result.response as { body?: unknown }
        if (commandName !== 'GetObjectCommand' && response.body instanceof Readable)
          response.body = bounded(response.body)
        return result
      },
    // Between the connection and the SDK's parser of the answer.
    { step: 'deserialize', name: 'boundAnswers', priority: 'low' },
  )
}

/** Its reader meets the error; the connection ends at once. */
function bounded(body: Readable): Readable {
  let bytes = 0
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > LARGEST_ANSWER_BYTES)
        done(new EndlessAnswerError(`the answer is longer than ${LARGEST_ANSWER_BYTES} bytes`))
      else done(null, chunk)
    },
  })
  return pipeline(body, counter, () => undefined)
}
