import type { KubeObject } from './objects.ts'

/** A `coordination.k8s.io/v1` Lease: who does what one program does for all. */
export interface LeaseRecord extends KubeObject {
  readonly spec?: {
    /** `null` and empty: nobody has it. */
    readonly holderIdentity?: string | null
    readonly leaseDurationSeconds?: number
    readonly acquireTime?: string
    /** By the clock of its holder. */
    readonly renewTime?: string
    readonly leaseTransitions?: number
  }
}

interface Taken {
  readonly holder: string
  readonly seconds: number
  readonly now: Date
}

/** As it is made where there was none. */
export function newLease(namespace: string, name: string, taken: Taken): LeaseRecord {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace, name },
    spec: { ...heldBy(taken), leaseTransitions: 0 },
  }
}

/** What makes it ours; the API server refuses it (409) if the record has changed since it was read. */
export function takeover({ metadata, spec }: LeaseRecord, taken: Taken): LeaseRecord {
  const leaseTransitions = (spec?.leaseTransitions ?? 0) + 1
  return { ...unchanged(metadata?.resourceVersion), spec: { ...heldBy(taken), leaseTransitions } }
}

export function renewal(resourceVersion: string, now: Date): LeaseRecord {
  return { ...unchanged(resourceVersion), spec: { renewTime: microTime(now) } }
}

/** The next one to ask has it at once. */
export function giveBack(resourceVersion: string): LeaseRecord {
  return { ...unchanged(resourceVersion), spec: { holderIdentity: null } }
}

export function holderOf({ spec }: LeaseRecord): string | null {
  return spec?.holderIdentity || null
}

/** Changes with each renewal, whatever the clock of the holder says. */
export function markOf({ spec }: LeaseRecord): string {
  return JSON.stringify([spec?.holderIdentity, spec?.renewTime])
}

function unchanged(resourceVersion = ''): Pick<LeaseRecord, 'metadata'> {
  return { metadata: { resourceVersion } }
}

function heldBy({ holder, seconds, now }: Taken) {
  const [acquireTime, renewTime] = [microTime(now), microTime(now)]
  return { holderIdentity: holder, leaseDurationSeconds: seconds, acquireTime, renewTime }
}

/** The API server takes six digits behind the second, no more and no less. */
function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z')
}
