import type { CrashReport } from '../crash/report.ts'
import { secretsInEnvironment } from '../untrusted/environment-secrets.ts'
import { KnownSecrets } from '../untrusted/known-secrets.ts'
import type { Capture } from './capture.ts'
import type { Outside } from './outside.ts'

/**
 * What is known to be secret of a crashed process: its pod's Secrets, and what its environment calls so. Looked for
 * when it is first asked for, which is not while the process is held: it takes time.
 */
export class Secrets {
  readonly #find: () => Promise<KnownSecrets>
  #found: Promise<KnownSecrets> | null = null

  constructor(
    { observed, identity }: Pick<Capture, 'observed' | 'identity'>,
    { mountedSecrets }: Pick<Outside, 'mountedSecrets'>,
  ) {
    const { podUid = null, container = null } = identity?.kind === 'container' ? identity : {}
    this.#find = async () => {
      const mounted = podUid === null ? [] : await mountedSecrets(podUid, container?.kubeletFolder)
      return KnownSecrets.of([...secretsInEnvironment(observed.environment ?? ''), ...mounted])
    }
  }

  /** Never rejects. */
  known(): Promise<KnownSecrets> {
    this.#found ??= this.#find()
    return this.#found
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
