import type { CrashReport } from '../crash/report.ts'
import { KnownSecrets, secretsInEnvironment } from '../untrusted/known-secrets.ts'
import type { Capture } from './capture.ts'
import type { Outside } from './outside.ts'

/** What is known to be secret of a crashed process: its pod's Secrets, and what its environment calls so. */
export async function secretsOf(
  { observed, identity }: Pick<Capture, 'observed' | 'identity'>,
  { mountedSecrets }: Pick<Outside, 'mountedSecrets'>,
): Promise<KnownSecrets> {
  const podUid = identity?.kind === 'container' ? identity.podUid : null
  const mounted = podUid === null ? [] : await mountedSecrets(podUid)
  return KnownSecrets.of([...secretsInEnvironment(observed.environment ?? ''), ...mounted])
}

/** `report` without them in what the process itself said. */
export function withoutSecrets(report: CrashReport, secrets: KnownSecrets): CrashReport {
  const { crash } = report
  if (crash === undefined) return report
  const { reason, abortMessage } = crash
  return {
    ...report,
    crash: {
      ...crash,
      ...(reason !== undefined && { reason: secrets.blank(reason) }),
      ...(abortMessage !== undefined && { abortMessage: secrets.blank(abortMessage) }),
    },
  }
}
