const sourcesOf = new WeakMap<AbortSignal, readonly AbortSignal[]>()

/**
 * A signal that aborts when one of `signals` does.
 *
 * To be used instead of AbortSignal.any(): of Node 24.16 and later that one forgets an abort once the
 * signal it came from is garbage (https://github.com/nodejs/node/issues/65995). So they are kept. And
 * what it made of a deadline, and is then asked to join with another one, stays in memory for good (seen in
 * 24.21): its sources are joined in its place.
 */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  const sources = signals.flatMap(signal => sourcesOf.get(signal) ?? [signal])
  const any = AbortSignal.any([...sources])
  sourcesOf.set(any, sources)
  return any
}
