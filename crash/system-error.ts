/**
 * `ENOENT` and the like: by which of errno(3) the kernel refused, or the code that Node gave an error of its
 * own; empty: neither.
 */
export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
}

/** Whether there was no file of that name. */
export function isMissing(thrown: unknown): boolean {
  return codeOf(thrown) === 'ENOENT'
}

/** For `catch()`: `instead` where there was no file of that name; any other error is thrown on. */
export function orIfMissing<T>(instead: T): (thrown: unknown) => T {
  return insteadOf(['ENOENT'], instead)
}

/** For `catch()`: `instead` where the error has one of `codes`; any other is thrown on. */
export function insteadOf<T>(codes: readonly string[], instead: T): (thrown: unknown) => T {
  return thrown => {
    if (codes.includes(codeOf(thrown))) return instead
    throw thrown
  }
}
