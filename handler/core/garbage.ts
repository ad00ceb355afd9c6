/**
 * What a core leaves of objects when it passes. V8 lets them lie until its heap has grown by half, so that a large core
 * took more memory than a small one; nobody reads them any more.
 */
export class Garbage {
  #collect: (() => void) | null
  #passedBytes = 0

  /** Without `collect`, V8's own way. */
  constructor(collect: (() => void) | null = null) {
    this.#collect = collect
  }

  /** So many bytes of a core have passed. Takes 10 to 20 ms, seldom: two hundredths of the time that they took at best. */
  passed(bytes: number): void {
    this.#passedBytes += bytes
    if (this.#passedBytes < COLLECTED_BYTES) return
    this.#passedBytes = 0
    this.#collect ??= collectorOfV8()
    this.#collect()
  }
}

/** They leave 1 to 2 MiB. */
const COLLECTED_BYTES = 512 * 2 ** 20

/**
 * V8 has it under a flag only. A program that runs under that flag from its beginning starts 15 ms later: V8 takes no
 * code cache that was made without it, and Node brings its own modules in one.
 */
function collectorOfV8(): () => void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  const { runInNewContext } = process.getBuiltinModule('node:vm')
  setFlagsFromString('--expose-gc')
  try {
    return runInNewContext('gc') as () => void
  } finally {
    setFlagsFromString('--no-expose-gc')
  }
}
