import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { endedBy } from '../ended-by.ts'
import type { ByteRange } from '../read-options.ts'
import { type PlainRefusal, refusalBy, says } from './plain-refusal.ts'
import { givesRange, rangeHeader } from './range-header.ts'
import type { StoreClock } from './store-clock.ts'

interface Wanted extends ByteRange {
  /** In the bucket. */
  readonly key: string
  readonly signal: AbortSignal | undefined
}

/** Where the bucket is, and what its requests are signed for. */
interface Place {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  /** With the port, where it is not the usual one. */
  readonly host: string
  /** Of the bucket, without a slash at its end. */
  readonly path: string
  readonly signer: Awaited<ReturnType<S3Client['config']['signer']>>
  readonly signingRegion: string
  readonly signingService: string
}

/** What was asked for, or that it is not there; `null`: the SDK is to be asked. */
type Answer = Readable | PlainRefusal | null

const PARTIAL_CONTENT = 206
// What stands before some stores lets the SDK through, and nothing else; others were only away for a while.
const MOST_IN_VAIN = 8
const AGAIN_AFTER = 64

/**
 * Reads ranges of objects by the SDK's signer and its connections, without the thirty steps in between: they take a
 * millisecond of the CPU, which for a list of 500 crashes is half a second. For what is not answered plainly the SDK is
 * asked, which knows what is tried once more and what a refusal means.
 */
export class RangeReads {
  readonly #client: S3Client
  readonly #clock: Pick<StoreClock, 'now'>
  #place: Promise<Place | null> | null = null
  #inVain = 0
  #left = 0

  /** `client` asks for objects of one bucket alone: where that is, its first request says. */
  constructor(client: S3Client, clock: Pick<StoreClock, 'now'>) {
    this.#client = client
    this.#clock = clock
    client.middlewareStack.add(
      (next, context) => args => {
        if (context.endpointV2 !== undefined) this.#place ??= placeOf(context.endpointV2, client)
        return next(args)
      },
      { step: 'build', name: 'learnPlace' },
    )
  }

  async get(wanted: Wanted): Promise<Answer> {
    if (!this.#isTried()) return null
    try {
      const place = await this.#place
      if (place === null) return null
      const body = await this.#ask(wanted, place)
      this.#inVain = body === null ? this.#inVain + 1 : 0
      return body
    } catch {
      // Whatever it was, the SDK meets it too, or it is over.
      return null
    }
  }

  #isTried(): boolean {
    if (this.#inVain < MOST_IN_VAIN) return true
    this.#left += 1
    return this.#left % AGAIN_AFTER === 0
  }

  async #ask(wanted: Wanted, place: Place): Promise<Answer> {
    const { requestHandler } = this.#client.config
    const { signer, signingRegion, signingService } = place
    const request = requestFor(wanted, place)
    const signed = await signer.sign(request, {
      signingDate: this.#clock.now(),
      signingRegion,
      signingService,
    })
    const options = wanted.signal && { abortSignal: wanted.signal }
    const { statusCode, headers, body } = (await requestHandler.handle(signed as never, options)).response
    if (!(body instanceof Readable)) return null
    if (statusCode === PARTIAL_CONTENT && givesRange(wanted, headers['content-range'])) return body
    const refusal = refusalBy(statusCode)
    if (refusal !== null && (await says(refusal, endedBy(wanted.signal, body)))) return refusal
    body.destroy()
    return null
  }
}

interface Endpoint {
  readonly url: URL
  readonly properties?: { readonly authSchemes?: readonly AuthScheme[] }
}

interface AuthScheme {
  readonly name: string
  readonly signingName: string
  readonly signingRegion?: string
}

/** `null`: requests to it are signed in another way than all stores know. */
async function placeOf({ url, properties }: Endpoint, { config }: S3Client): Promise<Place | null> {
  const [scheme] = properties?.authSchemes ?? []
  if (scheme?.name !== 'sigv4' || scheme.signingRegion === undefined) return null
  const { signingName: signingService, signingRegion } = scheme
  const signer = await config.signer({ ...scheme, signingRegion, properties: {} })
  const { protocol, hostname, host, port } = url
  const address = { protocol, hostname, host, ...(port !== '' && { port: Number(port) }) }
  return { ...address, path: url.pathname.replace(/\/$/, ''), signer, signingRegion, signingService }
}

function requestFor({ key, ...range }: Wanted, { protocol, hostname, port, host, path }: Place) {
  const { Range: asked = '' } = rangeHeader(range)
  return {
    ...{ method: 'GET', protocol, hostname, ...(port !== undefined && { port }), query: {} },
    path: `${path}/${key.split('/').map(escaped).join('/')}`,
    headers: { host, range: asked, 'user-agent': 'coredog' },
  }
}

/** As signatures have it: encodeURIComponent leaves these as they are. */
function escaped(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
