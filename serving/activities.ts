/** Something that goes on until the signal. When it rejects, the program cannot go on. */
export type Activity = (signal: AbortSignal) => Promise<void>

/**
 * Starts `activities`, which have `ending` for their signal, and resolves when `stop` aborts. Rejects as soon
 * as one of them does. That they end is not waited for.
 */
export function goOnUntil(
  stop: AbortSignal,
  activities: readonly Activity[],
  ending: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  if (stop.aborted) resolve()
  else stop.addEventListener('abort', () => resolve(), { once: true })
  for (const activity of activities) activity(ending).catch(reject)
  return promise
}
