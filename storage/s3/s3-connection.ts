import type { LookupFunction } from 'node:net'
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { type Network, PLAIN_NETWORK } from '../../network/network.ts'
import { backoff } from '../../time/backoff.ts'
import { isOver, isPassing } from '../passing-failure.ts'
import { boundAnswers } from './bounded-answers.ts'
import { type DigestDemand, digestWhereDemanded } from './content-md5.ts'
import { assureHome } from './home.ts'
import { RangeReads } from './range-reads.ts'
import type { S3Credentials } from './s3-credentials.ts'
import type { S3Dialect } from './s3-dialect.ts'
import type { StoreClock } from './store-clock.ts'
import { leavePayloadUnsigned } from './unsigned-payload.ts'

/** The SDK and a client made with it. The SDK takes long to load, so it is loaded when first needed. */
export interface S3Connection {
  readonly sdk: typeof import('./s3-sdk.ts')
  readonly client: S3Client
  readonly rangeReads: RangeReads
}

/** How long the store may take. A crashed process may be waiting for us all that time. */
export interface S3Patience {
  readonly connectMs: number
  /** Without a byte in either direction. */
  readonly idleMs: number
  /** For one request and all its retries, beside what its body takes at {@link SLOWEST_BYTES_PER_MS}. */
  readonly requestMs: number
  /** For removing the parts of a failed upload, with all retries. */
  readonly abortMs: number
  readonly attempts: number
  /** The first retry comes after about this, each further one after four times as long. */
  readonly retryMs: number
  /** For one part, with all its requests: what is not taken by then goes elsewhere. */
  readonly partMs: number
  /** Before each further try of completing an upload: by then the core cannot be sent again. */
  readonly completePausesMs: readonly number[]
}

export const PATIENCE: S3Patience = {
  connectMs: 5_000,
  idleMs: 20_000,
  requestMs: 45_000,
  abortMs: 30_000,
  attempts: 4,
  retryMs: 200,
  partMs: 30_000,
  completePausesMs: [1_000, 4_000],
}

/** 64 KiB/s: a store that takes less takes nothing, as far as a crashed process is concerned. */
const SLOWEST_BYTES_PER_MS = 64

/** Ends a request, retries included, that takes longer than its size excuses. */
export function deadline({ requestMs }: S3Patience, bodyBytes: number): AbortSignal {
  return AbortSignal.timeout(requestMs + Math.ceil(bodyBytes / SLOWEST_BYTES_PER_MS))
}

interface S3Access {
  /** `null`: the SDK's default chain, asked when first needed. */
  readonly credentials: S3Credentials
  /** Absent: the node's DNS. */
  readonly lookup?: LookupFunction | undefined
  /** Absent: directly, by Node's own list of authorities and the node's. */
  readonly network?: Network | undefined
  /** What was learned of the store by earlier connections. */
  readonly demand?: DigestDemand
  /** Is told what time it is at the store. */
  readonly clock: StoreClock
  /**
   * Called when the store says that the credentials have expired. The owner of the client would use them
   * until the expiry that they name.
   */
  readonly onOver: () => void
}

export async function connect(
  { endpoint, region, pathStyle, checksums }: S3Dialect,
  { credentials, lookup, network = PLAIN_NETWORK, demand = { isHeard: false }, clock, onOver }: S3Access,
  patience: S3Patience,
): Promise<S3Connection> {
  assureHome()
  const sdk = await import('./s3-sdk.ts')
  // Loads Node's HTTP, which a crash that is not collected does without.
  const { requestHandler } = await import('./request-handler.ts')
  if (endpoint?.startsWith('http:') !== true) await network.secureContext()
  const whenToChecksum = checksums ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED'
  const client = new sdk.S3Client({
    region,
    forcePathStyle: pathStyle,
    ...(endpoint !== null && { endpoint }),
    ...(credentials !== null && { credentials }),
    requestChecksumCalculation: whenToChecksum,
    responseChecksumValidation: whenToChecksum,
    // With it, every part of 2 MiB and more makes a TCP and TLS connection of its own.
    expectContinueHeader: false,
    maxAttempts: patience.attempts,
    retryStrategy: spreadRetries(patience),
    requestHandler: requestHandler(sdk.NodeHttpHandler, {
      network,
      lookup,
      connectMs: patience.connectMs,
      idleMs: patience.idleMs,
      // Its default is the console; the handler's standard error is closed.
      logger: SILENT,
    }),
    logger: SILENT,
  })
  leavePayloadUnsigned(client)
  digestWhereDemanded(client, demand)
  boundAnswers(client)
  clock.listenTo(client)
  tellWhenOver(client, onOver)
  return { sdk, client, rangeReads: new RangeReads(client, clock) }
}

function tellWhenOver({ middlewareStack }: S3Client, onOver: () => void): void {
  middlewareStack.add(
    next => async args => {
      try {
        return await next(args)
      } catch (cause) {
        if (isOver(cause)) onOver()
        throw cause
      }
    },
    { step: 'initialize', name: 'tellWhenOver' },
  )
}

type RetryStrategy = Exclude<NonNullable<S3ClientConfig['retryStrategy']>, (...args: never) => unknown>

/**
 * The SDK's own retries are over within a third of a second, sooner than a load balancer changes
 * its mind. Ours take some three seconds. A store that let a request run into its deadline gets
 * one more chance only: that has been a long wait already.
 */
function spreadRetries({ attempts, retryMs }: S3Patience): RetryStrategy {
  const token = (count: number, delayMs: number) => ({
    getRetryCount: () => count,
    getRetryDelay: () => delayMs,
    getRetryCost: () => undefined,
  })
  return {
    mode: 'standard',
    acquireInitialRetryToken: async () => token(0, 0),
    refreshRetryTokenForRetry: async (last, { error }) => {
      const made = last.getRetryCount() + 1
      const allowed = isTimeout(error) ? Math.min(attempts, 2) : attempts
      // Not the SDK's own word for it: it knows other codes than we do, and the codes of AWS only.
      if (!isPassing(error) || isAborted(error) || made >= allowed) throw new Error('no more retries')
      const stepMs = backoff({ first: retryMs, longest: Infinity, factor: 4 }, made)
      return token(made, stepMs * (0.5 + Math.random() / 2))
    },
    recordSuccess: () => SILENT.debug(),
  }
}

// The SDK also calls a refused connection a TimeoutError; that one has a code.
function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError' && !('code' in error)
}

function isAborted(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** What the SDK logs. */
export const SILENT = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing }

function nothing(): void {
  // Whatever the SDK has to say, it also throws.
}
