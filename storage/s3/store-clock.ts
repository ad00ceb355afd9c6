import type { S3Client } from '@aws-sdk/client-s3'

/**
 * The time at the store, as its answers tell: what is signed counts from that one, and a node's clock may be
 * hours away from it. To the second, and never ahead of it.
 */
export class StoreClock {
  #offsetMs = 0

  now(): Date {
    return new Date(Date.now() + this.#offsetMs)
  }

  /** Takes the time of each answer, whatever it says. */
  listenTo({ middlewareStack }: S3Client): void {
    middlewareStack.add(
      next => async args => {
        const result = await next(args)
        const { headers } = result.response as { readonly headers?: Readonly<Record<string, string>> }
        this.#hear(headers?.date)
        return result
      },
      // Between the connection and the SDK's parser of the answer, which throws where it is a refusal.
      { step: 'deserialize', name: 'storeClock', priority: 'low' },
    )
  }

  #hear(date: string | undefined): void {
    const time = Date.parse(date ?? '')
    if (!Number.isNaN(time)) this.#offsetMs = time - Date.now()
  }
}
