import { createHash } from 'node:crypto'
import { COREDUMP_VERSION } from '../coredump/coredump.ts'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject } from '../kube/objects.ts'
import { ExpiringCache } from './expiring-cache.ts'
import { notAnswered } from './kube-fault.ts'
import type { AccessAttributes } from './outside.ts'
import type { RequestUser } from './resource-request.ts'

const PATH = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
// As the API server's own delegation: a right that is taken away ends ten seconds later.
const CACHE = { seconds: 10, mostEntries: 4096 }

interface SubjectAccessReview extends KubeObject {
  readonly spec?: object
  readonly status?: { readonly allowed?: unknown; readonly denied?: unknown }
}

/** Asks the API server whether a user may do something, and remembers it for seconds. */
export class AccessReviews {
  readonly #kube: Pick<KubeClient, 'create'>
  readonly #answers: ExpiringCache<boolean>

  constructor(kube: Pick<KubeClient, 'create'>, now?: () => number) {
    this.#kube = kube
    this.#answers = new ExpiringCache(CACHE, now)
  }

  /** Rejects with a `StatusError` where there is no answer. */
  mayDo(user: RequestUser, attributes: AccessAttributes): Promise<boolean> {
    const spec = specOf(user, attributes)
    const key = createHash('sha256').update(JSON.stringify(spec)).digest('base64')
    return this.#answers.get(key, () => this.#ask(spec))
  }

  async #ask(spec: object): Promise<boolean> {
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }
    try {
      const { status } = await this.#kube.create<SubjectAccessReview>(PATH, body)
      return status?.allowed === true && status.denied !== true
    } catch (fault) {
      throw notAnswered('whether you may do this', fault)
    }
  }
}

function specOf({ name, uid, groups, extra }: RequestUser, attributes: AccessAttributes): object {
  return {
    user: name,
    ...(uid !== undefined && { uid }),
    groups,
    extra,
    resourceAttributes: { ...attributes, version: COREDUMP_VERSION },
  }
}
