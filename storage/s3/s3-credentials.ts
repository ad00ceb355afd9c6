import type { Credentials } from '../../config/config.ts'
import { OperatorError } from '../../crash/errors.ts'

/** What the SDK's client takes: fixed ones, or whom to ask for them; `null`: its own default chain. */
export type S3Credentials = Credentials | (() => Promise<ExpiringCredentials>) | null

export interface ExpiringCredentials extends Credentials {
  readonly expiration?: Date
}

/** Never rejects; `null`: none were handed over. */
export type ReadHandoffCredentials = () => Promise<HandoffCredentials | null>

// A request that is signed now has to arrive before they end.
const SHORTEST_LIFE_MS = 30_000

/**
 * Those of the configuration; else what the installer has handed over and still is valid, read again before
 * it expires, because storing a core can outlast it; else the SDK's default chain.
 */
export async function s3Credentials(
  configured: Credentials | null,
  readHandoff: ReadHandoffCredentials = async () => null,
): Promise<S3Credentials> {
  if (configured !== null) return configured
  if ((await validCredentials(readHandoff)) === null) return null
  return async () => {
    const renewed = await validCredentials(readHandoff)
    if (renewed !== null) return renewed
    throw new OperatorError(
      'the credentials that the installer handed over have expired',
      'See in the log of the installer on this node why it does not renew them.',
    )
  }
}

async function validCredentials(readHandoff: ReadHandoffCredentials): Promise<ExpiringCredentials | null> {
  const handoff = await readHandoff()
  if (handoff === null) return null
  const { expiresAt, ...credentials } = handoff
  if (expiresAt === undefined) return credentials
  const expiration = new Date(expiresAt)
  // Not `<`: what is no time is no valid one either.
  return expiration.getTime() - Date.now() > SHORTEST_LIFE_MS ? { ...credentials, expiration } : null
}

/** Short-lived credentials of the installer's own pod (IRSA, Pod Identity, instance profile). */
export interface HandoffCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  /** RFC 3339; absent: they do not expire. */
  readonly expiresAt?: string
}
