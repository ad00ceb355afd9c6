const sourcesOf = new WeakMap<AbortSignal, readonly AbortSignal[]>()

/**
 * A signal that aborts when one of `signals` does.
 *
 * To be used instead of AbortSignal.any(): of Node 24.16 and later that one forgets an abort once the
 * signal it came from is garbage (https://github.com/nodejs/node/issues/65995). So they are kept.
 */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  const any = AbortSignal.any([...signals])
  sourcesOf.set(any, signals)
  return any
}
