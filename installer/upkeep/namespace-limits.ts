import type { Logger } from 'pino'
import { parseSize } from '../../config/size.ts'
import { ANNOTATIONS } from '../../crash/annotations.ts'
import { reasonOf } from '../../crash/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { KubeObject } from '../../kube/objects.ts'

type Kube = Pick<KubeClient, 'list'>

/** The API server hears of it from one node. */
const READ_MS = 30 * 60_000

/** What namespaces may take by their own annotation, which is never more than the operator allows. */
export class NamespaceLimits {
  readonly #kube: Kube | null
  readonly #log: Logger
  #limits: ReadonlyMap<string, number> = new Map()
  #readAtMs = Number.NEGATIVE_INFINITY

  /** `null`: we are not in a cluster. */
  constructor(kube: Kube | null, log: Logger) {
    this.#kube = kube
    this.#log = log
  }

  /** What cannot be read is as it was. */
  async read(nowMs: number): Promise<void> {
    if (this.#kube === null || nowMs - this.#readAtMs < READ_MS) return
    this.#readAtMs = nowMs
    try {
      const { items } = await this.#kube.list<KubeObject>('/api/v1/namespaces')
      this.#limits = new Map(items.flatMap(limitIn))
    } catch (cause) {
      this.#log.warn(reasonOf(cause), `annotations ${ANNOTATIONS.quota} of namespaces not read`)
    }
  }

  of(namespace: string, mostBytes: number): number {
    return Math.min(this.#limits.get(namespace) ?? mostBytes, mostBytes)
  }
}

function limitIn({ metadata }: KubeObject): (readonly [string, number])[] {
  const bytes = parseSize(metadata?.annotations?.[ANNOTATIONS.quota] ?? '') ?? 0
  return metadata?.name === undefined || bytes === 0 ? [] : [[metadata.name, bytes]]
}
