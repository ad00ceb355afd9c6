import { demanglerCode } from './demangler-code.ts'
import { compile, type Demangle, instantiate } from './demangler-instance.ts'

/** Of one name: some milliseconds. A usual one takes 500, one that is 4,096 characters long about 20,000. */
const MOST_STEPS = 500_000
/** A process can have as many names that reach a limit as it has frames. */
const MOST_FAILURES = 32

/**
 * Names as they were written. A mangled name of 200 characters may stand for one of ten gigabytes: each template
 * argument can repeat all that was before it. So there is a limit to its memory, and to its steps, past which the
 * demangler ends itself. They are counted, and not timed: a fingerprint is made of names, and the same on a busy
 * node. A name that reaches a limit stays as it is, and so do all after some of those.
 */
export class Demangler {
  #demangle: Demangle | undefined
  #failures = 0

  demangled(name: string): string {
    if (this.#failures === MOST_FAILURES) return name
    try {
      this.#demangle ??= instantiate(compiled(), MOST_STEPS)
      return this.#demangle(name)
    } catch {
      // What was interrupted is in no state to go on.
      this.#demangle = undefined
      this.#failures += 1
      return name
    }
  }
}

let module: object | undefined

function compiled(): object {
  module ??= compile(demanglerCode())
  return module
}
