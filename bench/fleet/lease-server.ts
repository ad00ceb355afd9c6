import { KubeError } from '../../kube/errors.ts'
import type { Lease } from '../../kube/lease.ts'
import type { LeaseRecord } from '../../kube/lease-record.ts'
import type { FleetClock } from './fleet-clock.ts'

type Kube = ConstructorParameters<typeof Lease>[0]

/** An API server that has one Lease, whose renewals are of the simulated time. */
export class LeaseServer {
  readonly #clock: FleetClock
  #record: LeaseRecord | null = null
  #version = 0

  constructor(clock: FleetClock) {
    this.#clock = clock
  }

  /** As a process sees it that is killed when `end` aborts. */
  kubeUntil(end: AbortSignal): Kube {
    const asked = async (answer: () => LeaseRecord) => {
      if (end.aborted) throw refusal(null, 'Unreachable')
      return answer()
    }
    // Of the API it is all that a Lease asks for.
    return {
      get: () => asked(() => this.#get()),
      create: (_: string, record: LeaseRecord) => asked(() => this.#write(record)),
      patch: (_: string, change: LeaseRecord) => asked(() => this.#patch(change)),
    } as unknown as Kube
  }

  #get(): LeaseRecord {
    if (this.#record === null) throw refusal(404, 'NotFound')
    return this.#record
  }

  #patch(change: LeaseRecord): LeaseRecord {
    const { metadata, spec } = this.#get()
    if (change.metadata?.resourceVersion !== metadata?.resourceVersion) throw refusal(409, 'Conflict')
    return this.#write({ ...change, spec: { ...spec, ...change.spec } })
  }

  #write({ metadata, spec = {}, ...rest }: LeaseRecord): LeaseRecord {
    this.#version += 1
    const renewTime = this.#clock.date.toISOString()
    const versioned = { ...metadata, resourceVersion: `${this.#version}` }
    this.#record = { ...rest, metadata: versioned, spec: { ...spec, renewTime } } as LeaseRecord
    return this.#record
  }
}

function refusal(status: number | null, reason: string): KubeError {
  return new KubeError(reason, { status, reason, hint: '' })
}
