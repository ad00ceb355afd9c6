import type { CrashReport } from '../crash/report.ts'
import { backWithin } from '../time/left-behind.ts'
import { secretsInEnvironment } from '../untrusted/environment-secrets.ts'
import { KnownSecrets } from '../untrusted/known-secrets.ts'
import { type SecretBytes, secretBytes } from '../untrusted/secret-bytes.ts'
import { shownText } from '../untrusted/shown-text.ts'
import type { Capture } from './capture.ts'
import type { Outside } from './outside.ts'

/**
 * What is known to be secret of a crashed process: its pod's Secrets, and what its environment calls so. Looked for
 * when it is first asked for.
 */
export class Secrets {
  readonly #ofEnvironment: () => readonly string[]
  readonly #mounted: () => Promise<readonly Buffer[]>
  #found: Promise<KnownSecrets> | null = null

  constructor(
    { observed, identity }: Pick<Capture, 'observed' | 'identity'>,
    { mountedSecrets }: Pick<Outside, 'mountedSecrets'>,
  ) {
    const { podUid = null, container = null } = identity?.kind === 'container' ? identity : {}
    this.#ofEnvironment = once(() => [...secretsInEnvironment(observed.environment ?? '')])
    this.#mounted = once(async () =>
      podUid === null ? [] : await mountedSecrets(podUid, container?.kubeletFolder),
    )
  }

  /** For texts, and not while the process is held: it takes time. Never rejects. */
  known(): Promise<KnownSecrets> {
    this.#found ??= this.#mounted().then(mounted =>
      KnownSecrets.of([...this.#ofEnvironment(), ...mounted.map(shownText)]),
    )
    return this.#found
  }

  /**
   * For memory, where `names` are those of files that a debugger looks for. Without those of the pod, if they are not
   * found within `seconds`. Never rejects.
   */
  async inMemory(
    names: Iterable<string>,
    seconds: number,
  ): Promise<SecretBytes & { readonly isLate: boolean }> {
    const mounted = await backWithin(this.#mounted(), seconds)
    const ofEnvironment = this.#ofEnvironment().map(value => Buffer.from(value))
    return { ...secretBytes([...ofEnvironment, ...(mounted ?? [])], names), isLate: mounted === null }
  }

  /** `report` without them in what the process itself said. */
  async blankedIn(report: CrashReport): Promise<CrashReport> {
    const { crash } = report
    if (crash === undefined) return report
    const { reason, abortMessage } = crash
    const known = await this.known()
    return {
      ...report,
      crash: {
        ...crash,
        ...(reason !== undefined && { reason: known.blank(reason) }),
        ...(abortMessage !== undefined && { abortMessage: known.blank(abortMessage) }),
      },
    }
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
