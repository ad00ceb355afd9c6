import { createContext, Script } from 'node:vm'
import { demanglerCode } from './demangler-code.ts'
import { compile, type Demangle, instantiate } from './demangler-instance.ts'

/** 30 µs are usual, and V8 compiles when it is first called. */
const MOST_MILLISECONDS = 250
/** A process can have as many names that reach a limit as it has frames. */
const MOST_FAILURES = 4

/**
 * Names as they were written. A mangled name of 200 characters may stand for one of ten gigabytes: each
 * template argument can repeat all that was before it; and of a million random ones eight took seconds. So the memory has a limit, past which the demangler
 * ends itself, and so has the time. A name that reaches one stays as it is, and so do all after some of those.
 */
export class Demangler {
  readonly #open: () => Demangle
  #demangle: Demangle | undefined
  #failures = 0
  #name = ''
  readonly #context = createContext({ demangle: () => this.#demangle?.(this.#name) })
  readonly #script = new Script('demangle()')

  constructor(open: () => Demangle = openCompiled) {
    this.#open = open
  }

  demangled(name: string): string {
    if (this.#failures === MOST_FAILURES) return name
    this.#name = name
    try {
      this.#demangle ??= this.#open()
      return this.#script.runInContext(this.#context, { timeout: MOST_MILLISECONDS })
    } catch {
      // What was interrupted is in no state to go on.
      this.#demangle = undefined
      this.#failures += 1
      return name
    }
  }
}

let module: object | undefined

function openCompiled(): Demangle {
  const demangle = instantiate(compiled())
  // V8 compiles it now, and not within the time of the first name: on a busy node that was over by then.
  demangle('_Z1fv')
  return demangle
}

function compiled(): object {
  module ??= compile(demanglerCode())
  return module
}
