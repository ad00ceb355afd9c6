import { OperatorError } from '../../crash/errors.ts'

/**
 * The store confirmed what it does not have. What it lost of a stream cannot be had again, unless it is still
 * at hand.
 */
export class LostError extends OperatorError {
  override readonly name = 'LostError'
  /** The numbers of the parts that are gone; `all`: there is neither the object nor an upload of it. */
  readonly parts: readonly number[] | 'all'
  /** Whether it had confirmed the whole object. */
  readonly isObject: boolean

  private constructor(what: string, parts: readonly number[] | 'all', isObject = false) {
    super(
      `the store confirmed ${what}`,
      'See what the store did with it: its log, a full or failing disk, a lifecycle rule, or a proxy that answers in its place.',
    )
    this.parts = parts
    this.isObject = isObject
  }

  static ofObject(parts: readonly number[] | 'all'): LostError {
    return new LostError('the object and does not have it', parts, true)
  }

  static ofParts(numbers: readonly number[]): LostError {
    const [first] = numbers
    const what =
      numbers.length === 1
        ? `part ${first} and does not have it`
        : `parts from ${first} on and does not have them`
    return new LostError(what, numbers)
  }

  /** The parts that are gone, of an object of so many. */
  numbers(partCount: number): readonly number[] {
    return this.parts === 'all' ? Array.from({ length: partCount }, (_, at) => at + 1) : this.parts
  }
}

/** The store confirmed the object, and did not answer when it was looked at: it may have it or not. */
export function unanswered(): OperatorError {
  return new OperatorError(
    'the store confirmed the object and does not answer when it is looked at',
    'Nothing, if it goes by: the installer looks again.',
  )
}
