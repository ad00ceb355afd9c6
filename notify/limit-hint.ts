/** By the words of a report's `incompleteReason`. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/\blimits\.maxCoreSize$/, 'Raise limits.maxCoreSize to keep cores of this size whole.'],
  [
    /: limits\.maxHold$/,
    'Raise limits.maxHold, or coredog.io/max-hold of the pod, or give the spool room (spool.maxBytes), which a core goes to when the time is over.',
  ],
  [
    /\bspool\.perNamespace\b/,
    'Make room in the store; raise spool.perNamespace or spool.maxBytes for the next time that it is full.',
  ],
  [
    /\bspool of its node\b/,
    'Make room in the store; raise spool.maxBytes for the next time that it is full.',
  ],
]

/** What an operator may do where a limit of the configuration is why a core is not whole; `null`: none is. */
export function limitHint(reason: string): string | null {
  return HINTS.find(([words]) => words.test(reason))?.[1] ?? null
}

export const LIMIT_HINTS: readonly string[] = HINTS.map(([, hint]) => hint)
