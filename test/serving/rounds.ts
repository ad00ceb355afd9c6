import type { Pause } from '../../time/pause.ts'

/**
 * A pause between two looks at files, in which a test changes them. After the last change it ends what looks.
 */
export function rounds(ending: AbortController, ...changes: readonly (() => unknown)[]): Pause {
  const left = [...changes]
  return async () => {
    const change = left.shift()
    if (change === undefined) ending.abort()
    else await change()
  }
}
