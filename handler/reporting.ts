import type { Config } from '../config/config.ts'
import type { CrashReport } from '../crash/report.ts'
import type { Capture } from './capture.ts'
import { withArguments } from './describe.ts'
import { explained, recounted } from './explained.ts'
import { type KeptLog, keptLogOf, withWords } from './kept-log.ts'
import type { Outside } from './outside.ts'
import { Secrets } from './secrets.ts'

/** A crash of which all is known, with the log of its container. */
export interface Reported {
  readonly report: CrashReport
  readonly kept: KeptLog | null
}

/** What a crashed process says of itself, for its report: without secrets, and not while it is held. */
export class Reporting {
  readonly #capture: Capture
  readonly #config: Config
  readonly #outside: Outside
  readonly #secrets: Secrets
  readonly #begun: CrashReport
  #spoken: Promise<CrashReport> | null = null

  /** `begun`: the report as far as it is known before the process is let go. */
  constructor(
    capture: Capture,
    begun: CrashReport,
    config: Config,
    outside: Outside,
    secrets = new Secrets(capture, outside),
  ) {
    this.#capture = capture
    this.#begun = begun
    this.#config = config
    this.#outside = outside
    this.#secrets = secrets
  }

  /** What was begun, with the command line, which is looked through once: it takes time. Never rejects. */
  begun(): Promise<CrashReport> {
    this.#spoken ??= this.#secrets
      .known()
      .then(known => withArguments(this.#begun, this.#capture, this.#config, known))
    return this.#spoken
  }

  /** `report` of a crash that is not explained, because one like it was, and how often it came. Never rejects. */
  async recounted(report: CrashReport): Promise<CrashReport> {
    return await this.#secrets.blankedIn(await recounted(report, this.#capture, this.#outside))
  }

  /** `report` with why it crashed, how often it did, and the last words of its container. Never rejects. */
  async told(report: CrashReport): Promise<Reported> {
    const known = await explained(report, this.#capture, this.#outside)
    const said = await this.#secrets.blankedIn(known)
    const kept = await keptLogOf(this.#capture, this.#secrets, this.#config, this.#outside)
    return { report: withWords(said, kept), kept }
  }
}
