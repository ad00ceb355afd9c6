/** One thing that was looked at. */
export interface Finding {
  /** `no`: a crash would not be collected. `note`: it would, and one should know this. `unknown`: it could not be seen. */
  readonly verdict: 'ok' | 'no' | 'note' | 'unknown'
  readonly what: string
  /** What to do about it. */
  readonly next?: string
}

export function ok(what: string): Finding {
  return { verdict: 'ok', what }
}

export function no(what: string, next: string): Finding {
  return { verdict: 'no', what, next }
}

export function note(what: string, next?: string): Finding {
  return next === undefined ? { verdict: 'note', what } : { verdict: 'note', what, next }
}

export function unknown(what: string, next?: string): Finding {
  return next === undefined ? { verdict: 'unknown', what } : { verdict: 'unknown', what, next }
}
