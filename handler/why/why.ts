import { messageOf } from '../../crash/errors.ts'
import type { CrashReport } from '../../crash/report.ts'
import { Deadline } from '../../time/deadline.ts'
import { backBefore } from '../../time/left-behind.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { type Circumstances, NO_CIRCUMSTANCES, withCircumstances } from './circumstances.ts'
import type { Evidence } from './evidence.ts'
import { type Explained, type Explainer, explainerWithout } from './explainer.ts'
import type { Remains } from './remains.ts'
import { type HeldFiles, SharedFiles } from './shared-files.ts'
import { type Crashed, closeEvidence, takeCircumstances, takeEvidence } from './take-evidence.ts'

/** All else is done by then, and people are to be told. */
const PATIENCE_SECONDS = 10
const LONGEST_REASON = 200
const LONGEST_OPEN_SECONDS = 60

/** What was seen of a process while it was there. */
interface Seen {
  readonly circumstances: Circumstances
  readonly site: string | null
  readonly files: SharedFiles
  /** For the explanation. */
  readonly held: HeldFiles
}

/** Why a process crashed: seen while it is there, found out when it is wanted, and once. */
export class Why {
  /** `crash.site` of the report; `null`: it has none, or it could not be made in time. */
  readonly site: string | null
  readonly #seen: Seen | null
  readonly #explainer: Explainer
  #found: Promise<Found> | null = null

  private constructor(seen: Seen | null, explainer: Explainer, unexplained = '') {
    this.#seen = seen
    this.#explainer = explainer
    this.site = seen?.site ?? null
    if (seen === null) this.#found = Promise.resolve({ unexplained: plain(unexplained, LONGEST_REASON) })
  }

  /** Takes no longer than `limit`, which is over then: the {@link Remains} have so much patience. Never rejects. */
  static async of(
    crashed: Crashed,
    remains: Remains,
    explainer: Explainer,
    limit = new Deadline(remains.patienceSeconds),
  ): Promise<Why> {
    using deadline = limit
    const taking = takeEvidence(crashed, remains)
    try {
      const evidence = await backBefore(taking, deadline.passed)
      if (evidence !== null)
        return new Why(await seen(evidence, { crashed, remains, explainer, deadline }), explainer)
      void taking.then(closeEvidence, () => undefined)
      const { patienceSeconds } = remains
      return new Why(null, explainer, `the process could not be looked at within ${patienceSeconds} s`)
    } catch (cause) {
      return new Why(null, explainer, `the process could not be looked at: ${messageOf(cause)}`)
    }
  }

  /** `unexplained`: why nothing could be looked at, for a person. */
  static unknown(unexplained: string): Why {
    return new Why(null, explainerWithout(unexplained), unexplained)
  }

  /** It is going to be wanted: it is found out beside all else. */
  begin(): void {
    if (this.#seen !== null) this.#found ??= this.#find(this.#seen)
  }

  /** `report`, and why. Not to be called while the process is held. Never rejects. */
  async explained(report: CrashReport): Promise<CrashReport> {
    this.begin()
    using deadline = new Deadline(PATIENCE_SECONDS)
    void deadline.passed.then(() => this.#explainer.end())
    const found = await this.#found
    return found === null ? report : withFound(report, found)
  }

  /**
   * The process is held no more: from now on its files are open for a minute at most, because they keep a volume
   * from being unmounted.
   */
  letGo(): void {
    const late = 'a handler that could explain it had no turn within a minute'
    const end = () => {
      this.#seen?.files.end(`it took longer than ${LONGEST_OPEN_SECONDS} s`)
      void this.close(late)
    }
    setTimeout(end, LONGEST_OPEN_SECONDS * 1000).unref()
  }

  /** Keeps its files of code open, for another who reads them; `null`: none were opened. To be released. */
  holdFiles(): HeldFiles | null {
    return this.#seen?.files.hold() ?? null
  }

  /** Lets go of the files of the process, and of the explainer. Twice is no error. */
  async close(unexplained = 'it was not wanted'): Promise<void> {
    await this.#explainer.end()
    if (this.#found !== null || this.#seen === null) return
    this.#found = Promise.resolve({ unexplained })
    await this.#seen.held.release()
  }

  async #find({ held, circumstances }: Seen): Promise<Found> {
    const begunAt = performance.now()
    const explained = await this.#explainer.explain(circumstances)
    const whySeconds = Math.round(performance.now() - begunAt) / 1000
    await held.release()
    return { ...explained, whySeconds }
  }
}

type Found = Explained & { readonly whySeconds?: number }

/** What else there is of it is copied while another thread looks where it was. */
async function seen(
  evidence: Evidence,
  {
    crashed,
    remains,
    explainer,
    deadline,
  }: {
    readonly crashed: Crashed
    readonly remains: Remains
    readonly explainer: Explainer
    readonly deadline: Deadline
  },
): Promise<Seen> {
  const taking = takeCircumstances(evidence, crashed, remains)
  const [site, circumstances] = await Promise.all([
    Promise.race([explainer.lookAt(evidence), deadline.passed]),
    backBefore(taking, deadline.passed),
  ])
  if (circumstances === null)
    void taking.then(({ runtimeFiles }) =>
      closeEvidence({ modules: [], ...(runtimeFiles && { runtimeFiles }) }),
    )
  const known = circumstances ?? NO_CIRCUMSTANCES
  const files = new SharedFiles(withCircumstances(evidence, known))
  return { files, held: files.hold(), site, circumstances: known }
}

function withFound(report: CrashReport, { whySeconds, ...found }: Found): CrashReport {
  const timing = whySeconds === undefined ? {} : { timing: { ...report.timing, whySeconds } }
  if ('unexplained' in found)
    return { ...report, crash: { ...report.crash, unexplained: found.unexplained }, ...timing }
  const { crash, ...rest } = found.explanation
  return { ...report, ...rest, crash: { ...report.crash, ...crash }, ...timing }
}
