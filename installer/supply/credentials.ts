import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { messageOf } from '../../crash/errors.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import type { Host } from '../../handoff/host.ts'
import { encodeHandoff, RUN_FILES } from '../../handoff/run-folder.ts'
import { Network } from '../../network/network.ts'
import { diagnose } from '../../storage/diagnosis.ts'
import { traitsOf } from '../../storage/open-store.ts'
import { assureHome } from '../../storage/s3/home.ts'
import { requestHandler } from '../../storage/s3/request-handler.ts'
import { PATIENCE, SILENT } from '../../storage/s3/s3-connection.ts'
import type { ExpiringCredentials, HandoffCredentials } from '../../storage/s3/s3-credentials.ts'
import { strangeAnswer } from '../../storage/strange-answer.ts'
import { backoff } from '../../time/backoff.ts'
import { type Pause, pause } from '../../time/pause.ts'
import { withinSeconds } from '../../time/within-seconds.ts'

/** Asks for credentials anew, whatever was answered before. Rejects when there are none. */
export type ProvideCredentials = () => Promise<ExpiringCredentials>

interface WatchCredentialsOptions {
  readonly config: Config
  readonly host: Host
  readonly log: Logger
  readonly provide?: ProvideCredentials
  readonly pause?: Pause
  readonly now?: () => Date
  /** From 0 to 1. */
  readonly random?: () => number
}

const PROVIDE_SECONDS = 30

// Their issuer may give the same ones again, with what is left of their life.
const SHORTEST_PAUSE_SECONDS = 60
const LONGEST_PAUSE_SECONDS = 3600
const RETRY_SECONDS = { first: 5, longest: 300 }

/** Of each pause, more or less: all nodes were started at once, and are not to ask at once for ever after. */
const SPREAD = 0.2

/**
 * Hands over the credentials of our own pod (IRSA, EKS Pod Identity, web identity, instance profile) where
 * the configuration has none, anew at half of their life, more or less, until `signal` aborts. Where it has
 * some, takes away what was handed over, and returns.
 */
export async function watchCredentials(options: WatchCredentialsOptions, signal: AbortSignal): Promise<void> {
  const { config, host, log, pause: wait = pause, random = Math.random } = options
  const file = host.path(path.posix.join(config.paths.run, RUN_FILES.credentials))
  if (!traitsOf(config.storage).needsCredentials) return removeHandoff(file, log)
  const handing = new HandoffFile(file, options)
  while (!signal.aborted) {
    const seconds = await handing.renew()
    await wait(seconds * (1 - SPREAD + 2 * SPREAD * random()), signal)
  }
}

async function removeHandoff(file: string, log: Logger): Promise<void> {
  try {
    await rm(file, { force: true })
  } catch (error) {
    // The handler does not look at it: the credentials of its configuration come first.
    log.warn({ reason: messageOf(error) }, 'credentials not taken away')
  }
}

/** The file on the node, and how it went to renew it. */
class HandoffFile {
  readonly #file: string
  readonly #log: Logger
  readonly #provide: ProvideCredentials
  readonly #now: () => Date
  #failures = 0
  #told: string | null = null

  constructor(file: string, options: WatchCredentialsOptions) {
    const { config, host, log, provide = ownChain(config, host), now = () => new Date() } = options
    this.#file = file
    this.#log = log
    this.#provide = provide
    this.#now = now
  }

  /**
   * Gives the seconds until the next time. What is on the node stays when this fails: it may still be valid.
   */
  async renew(): Promise<number> {
    try {
      const identity = await withinSeconds(PROVIDE_SECONDS, this.#provide())
      await writeAtomic(this.#file, encodeHandoff(handoffOf(identity)))
      this.#failures = 0
      this.#told = null
      this.#log.info({ expiresAt: identity.expiration }, 'credentials handed over')
      return pauseFor(identity, this.#now())
    } catch (error) {
      this.#tell(strangeAnswer(error) === null ? messageOf(error) : diagnose(error).message)
      this.#failures += 1
      return backoff(RETRY_SECONDS, this.#failures)
    }
  }

  // Once: a cluster whose nodes have a role of their own needs nothing from us.
  #tell(reason: string): void {
    if (this.#told === reason) return
    this.#told = reason
    this.#log.warn({ reason, hint: HINT }, 'credentials not handed over')
  }
}

const HINT =
  "Give the installer's service account a role (IRSA, EKS Pod Identity), or set s3AccesskeyID and s3SecretAccessKey; nothing is to be done where the nodes have a role."

// Only what is ours to know: the SDK adds the account, and where it found them.
function handoffOf(identity: ExpiringCredentials): HandoffCredentials {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = identity
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    ...(expiration !== undefined && { expiresAt: expiration.toISOString() }),
  }
}

function pauseFor({ expiration }: ExpiringCredentials, now: Date): number {
  if (expiration === undefined) return LONGEST_PAUSE_SECONDS
  const half = (expiration.getTime() - now.getTime()) / 2000
  return Math.min(Math.max(half, SHORTEST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
}

/** The SDK's default chain. A client keeps what it was told once, so each time it is another one. */
function ownChain({ storage, network: named }: Config, host: Host): ProvideCredentials {
  const { region } = traitsOf(storage)
  return async () => {
    assureHome()
    const { NodeHttpHandler, S3Client } = await import('../../storage/s3/s3-sdk.ts')
    const network = new Network(named, host.root)
    const ways = { network, connectMs: PATIENCE.connectMs, idleMs: PATIENCE.idleMs, logger: SILENT }
    const client = new S3Client({
      region,
      requestHandler: requestHandler(NodeHttpHandler, ways),
    })
    try {
      return await client.config.credentials()
    } finally {
      client.destroy()
    }
  }
}
