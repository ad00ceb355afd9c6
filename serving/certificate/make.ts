import { type CertificatePlan, issuerOf } from './plan.ts'
import type { Kept } from './secret.ts'

/** What is to be in the Secret after `action`, of `kept` that was in it before. */
export async function makeKept(
  action: CertificatePlan['action'],
  kept: Kept,
  { hosts, now }: { readonly hosts: readonly string[]; readonly now: Date },
): Promise<Kept> {
  // Once in months: until then the program does without what writes X.509.
  const { issueServing, makeAuthority } = await import('./issue.ts')
  const [newest] = kept.authorities
  if (newest === undefined || action === 'make') {
    const authority = await makeAuthority(now)
    const serving = await issueServing(authority, hosts, now)
    return { serving, authorities: [authority.certificate], authorityKey: authority.key }
  }
  if (action === 'succeed') {
    const { certificate, key } = await makeAuthority(now)
    return { ...kept, authorities: [certificate, newest], authorityKey: key }
  }
  const serving = await issueServing({ certificate: newest, key: kept.authorityKey }, hosts, now)
  // What is renewed is still served elsewhere for a moment: its authority goes with the next renewal.
  const old = issuerOf(kept.serving.certificate, kept.authorities) ?? newest
  return { ...kept, serving, authorities: [...new Set([newest, old])] }
}
