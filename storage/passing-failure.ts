// The store, or something before it, is busy or is being restarted.
const PASSING_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504])

// Whoever gives us some does so in minutes, not in seconds.
const NO_CREDENTIALS = new Set(['CredentialsProviderError', 'TokenProviderError'])

/**
 * Whether the same request may go better soon. An answer that says what is wrong with the request (credentials,
 * bucket, clock) will be the same in a second; no answer at all may be anything.
 */
export function isPassing(cause: unknown): boolean {
  if (cause instanceof Error && NO_CREDENTIALS.has(cause.name)) return false
  const status = (cause as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode
  return status === undefined || PASSING_STATUSES.has(status)
}
