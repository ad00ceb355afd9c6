import type { Config } from '../../config/config.ts'
import { messageOf, reasonOf } from '../../crash/errors.ts'
import type { CrashReport, ReportBinary } from '../../crash/report.ts'
import { Abortion } from '../../time/abortion.ts'
import { anySignal } from '../../time/any-signal.ts'
import { Deadline } from '../../time/deadline.ts'
import { plain } from '../../untrusted/plain-text.ts'
import type { Capture } from '../capture.ts'
import type { Outside } from '../outside.ts'
import type { HeldFiles } from '../why/shared-files.ts'
import { chosenModules, type Module, nameOf } from './chosen-modules.ts'
import { Keeper, type Kept } from './keeper.ts'

/** People are to be told: what is not stored by then is stored later. */
const PATIENCE_SECONDS = 10
/** From when the core is stored; of a process that is gone its files are open no longer than that in any case. */
const LONGEST_SECONDS = 60
const LONGEST_REASON = 300

type World = Pick<Outside, 'binaries' | 'now' | 'log'>

/**
 * The files of code of a process, on their way to the store: from files that were opened while it was held, for
 * image and pod may be gone when a person looks.
 */
export class Binaries {
  readonly #held: HeldFiles | null
  readonly #modules: readonly Module[]
  readonly #keeper: Keeper
  readonly #log: World['log']
  readonly #late = new AbortController()
  readonly #signal: AbortSignal
  #named: ReportBinary[]
  #kept: Promise<void> | null = null
  #isReported = false

  /** Holds the files from now on. To be ended. */
  constructor(capture: Pick<Capture, 'identity' | 'node' | 'why'>, config: Config, outside: World) {
    this.#held = config.collect.binaries === 'off' ? null : capture.why.holdFiles()
    this.#modules = this.#held === null ? [] : chosenModules(this.#held, config.collect.binaries)
    this.#named = this.#allNotKept('the store did not take all of its core either')
    this.#signal = anySignal([this.#late.signal, ...(this.#held === null ? [] : [this.#held.over])])
    this.#signal.addEventListener('abort', () => void this.#held?.release())
    this.#keeper = new Keeper(capture, config, outside, this.#signal)
    this.#log = outside.log
  }

  /** To be called when the process is held no more, and its core is stored. */
  begin(): void {
    if (this.#kept !== null) return
    this.#named = this.#allNotKept('it was not read when this was written')
    this.#kept = this.#keepAll()
  }

  #allNotKept(notKept: string): ReportBinary[] {
    return this.#modules.map(module => ({ ...nameOf(module), notKept }))
  }

  /** What a report says of them; what is not stored within ten seconds may be later. Never rejects. */
  async named(): Promise<Pick<CrashReport, 'binaries'>> {
    using deadline = new Deadline(PATIENCE_SECONDS)
    await Promise.race([this.#kept, deadline.passed])
    this.#isReported = true
    return this.#named.length === 0 ? {} : { binaries: [...this.#named] }
  }

  /** Lets go of the files, once those are stored that are on their way. Twice is no error. Never rejects. */
  async end(): Promise<void> {
    await this.#kept
    await this.#held?.release()
  }

  async #keepAll(): Promise<void> {
    const timer = setTimeout(() => {
      this.#late.abort(new Error(`it took longer than ${LONGEST_SECONDS} s`))
    }, LONGEST_SECONDS * 1000)
    for (const [at, module] of this.#modules.entries()) await this.#keep(at, module)
    clearTimeout(timer)
    await this.#held?.release()
  }

  async #keep(at: number, module: Module): Promise<void> {
    const note = (known: Kept) => {
      this.#named[at] = { ...nameOf(module), ...known }
    }
    try {
      await unlessAborted(this.#signal, this.#keeper.keep(module, note))
      const { notKept: _, ...stored } = this.#named[at] ?? {}
      this.#named[at] = stored
      if (this.#isReported) this.#log.info({ binary: stored }, 'binary stored after its report')
    } catch (cause) {
      const notKept = plain(messageOf(cause), LONGEST_REASON)
      this.#named[at] = { ...this.#named[at], notKept }
      this.#log.warn({ binary: this.#named[at], ...reasonOf(cause) }, 'binary not stored')
    }
  }
}

/** What a store that does not answer was asked is left behind: it ends by its own deadline. */
async function unlessAborted(signal: AbortSignal, work: Promise<void>): Promise<void> {
  using abortion = new Abortion(signal)
  await Promise.race([work, abortion.happened])
}
