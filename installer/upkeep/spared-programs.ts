import type { RetentionConfig } from '../../config/config.ts'
import { namedBinaries } from '../../crash-index/named-binaries.ts'
import { namedCrashes } from '../../crash-index/named-crashes.ts'
import { readReport } from '../../crash-index/read-report.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { NamespaceSurvey } from './namespace-survey.ts'

interface Sparing {
  readonly clusters: readonly string[]
  readonly limits: RetentionConfig
}

/**
 * The programs that crashes name which stay longer than others because they are the last ones of their group: read of
 * the reports of one namespace, when it is asked for.
 */
export class SparedPrograms {
  readonly #store: Pick<ObjectStore, 'get' | 'list'>
  readonly #sparing: Sparing
  #last: { readonly namespace: string; readonly keys: ReadonlySet<string> } | null = null

  constructor(store: Pick<ObjectStore, 'get' | 'list'>, sparing: Sparing) {
    this.#store = store
    this.#sparing = sparing
  }

  async has(namespace: string, key: string): Promise<boolean> {
    if (this.#sparing.limits.minOfGroup === 0) return false
    if (this.#last?.namespace !== namespace)
      this.#last = { namespace, keys: new Set(await this.#namedIn(namespace)) }
    return this.#last.keys.has(key)
  }

  async #namedIn(namespace: string): Promise<readonly string[]> {
    const { clusters, limits } = this.#sparing
    const survey = new NamespaceSurvey(limits)
    for await (const { entry } of namedCrashes(this.#store, { clusters, namespace })) survey.add(entry)
    const keys: string[] = []
    for (const entry of survey.spared)
      keys.push(...namedBinaries(await readReport(this.#store, entry), entry).map(({ key }) => key))
    return keys
  }
}
