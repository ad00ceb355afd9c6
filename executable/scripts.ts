import { Script } from 'node:vm'
import type { Worker, WorkerOptions } from 'node:worker_threads'

/** Where the scripts of a program lie: in its own file once it is built, in a folder before that. */
export interface Shelf {
  text(name: string): string
  /** What V8 had compiled of the script at the end of an earlier run; `null`: nothing. */
  codeCache(name: string): Buffer | null
  /** Runs a script in a thread of its own, from the same shelf. */
  startThread(name: string, options: WorkerOptions): Worker
}

/** With this before its name, a script asks for another one. */
export const SCRIPT_PREFIX = 'script:'

/** The same for one that a thread is to run: `{ startThread }`. */
export const THREAD_PREFIX = 'thread:'

/** A program in several scripts, each of which is loaded when it is first asked for. */
export class Scripts {
  readonly #shelf: Shelf
  readonly #loaded = new Map<string, Module>()

  constructor(shelf: Shelf) {
    this.#shelf = shelf
  }

  /** Runs the script, unless it has run. Returns its exports. */
  run(name: string): unknown {
    return (this.#loaded.get(name) ?? this.#load(name)).exports
  }

  #load(name: string): Module {
    const module = { exports: {} }
    this.#loaded.set(name, module)
    const body = compile(name, this.#shelf).runInThisContext() as Body
    body(module.exports, id => this.#require(id), module)
    return module
  }

  #require(id: string): unknown {
    if (id.startsWith(SCRIPT_PREFIX)) return this.run(id.slice(SCRIPT_PREFIX.length))
    if (id.startsWith(THREAD_PREFIX)) {
      const name = id.slice(THREAD_PREFIX.length)
      return { startThread: (options: WorkerOptions) => this.#shelf.startThread(name, options) }
    }
    const builtin: unknown = process.getBuiltinModule(id)
    if (builtin === undefined) throw new Error(`Cannot load "${id}": it is neither a script nor of Node`)
    return builtin
  }
}

interface Module {
  readonly exports: unknown
}

type Body = (exports: unknown, require: (id: string) => unknown, module: Module) => void

/**
 * V8 compiles a function when it is first called, which is half of the time that a start takes; a code cache
 * spares it that. One that it does not like, of another version for example, is as good as none.
 */
export function compile(name: string, shelf: Shelf): Script {
  const cachedData = shelf.codeCache(name)
  const text = `(function (exports, require, module) {${shelf.text(name)}\n})`
  return new Script(text, { filename: name, ...(cachedData !== null && { cachedData }) })
}
