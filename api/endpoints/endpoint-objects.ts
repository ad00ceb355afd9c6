import { clusterSegment } from '../../crash/binary-key.ts'
import type { ObjectStore } from '../../storage/object-store.ts'
import { smallText } from '../../storage/small-text.ts'
import { inParallel } from '../../time/in-parallel.ts'
import type { ApiOutside } from '../outside.ts'
import type { CoredumpEndpoint, WantedEndpoint } from './coredump-endpoint.ts'
import { encodeRecord, endpointOf, newRecord, recordIn } from './endpoint-record.ts'

/** What all of them are below, and no crash: no namespace begins with `_`. */
const FOLDER = '_endpoints'
const MOST_BYTES = 4096
const AT_ONCE = 8

interface Named {
  readonly namespace: string
  readonly name: string
}

/** CoredumpEndpoints as small objects of the store: `_endpoints/<cluster>/<namespace>/<name>`. */
export class EndpointObjects {
  readonly #store: Pick<ObjectStore, 'put' | 'get' | 'list' | 'remove'>
  readonly #root: string
  readonly #namespaceCreated: ApiOutside['namespaceCreated']

  constructor({
    store,
    cluster,
    namespaceCreated,
  }: Pick<ApiOutside, 'store' | 'cluster' | 'namespaceCreated'>) {
    this.#store = store
    this.#root = `${FOLDER}/${clusterSegment(cluster)}/`
    this.#namespaceCreated = namespaceCreated
  }

  /** `created`: when the Namespace was. */
  async add(namespace: string, wanted: WantedEndpoint, created: Date): Promise<CoredumpEndpoint> {
    const record = newRecord(wanted, created)
    const bytes = encodeRecord(record)
    const named = { namespace, name: wanted.name }
    await this.#store.put(this.#key(named), [bytes], bytes.length)
    return endpointOf(named, record)
  }

  /** `null`: there is none, or it is of a Namespace that is gone. */
  async find(named: Named): Promise<CoredumpEndpoint | null> {
    const created = await this.#namespaceCreated(named.namespace)
    const record = created && recordIn(await this.#text(this.#key(named)))
    return record?.namespaceCreated === created?.toISOString() ? record && endpointOf(named, record) : null
  }

  /** Of the first `most`, those that {@link find} finds. `namespace`: `null` for all. */
  async all(namespace: string | null, most: number): Promise<readonly CoredumpEndpoint[]> {
    const named = await this.names(namespace, most)
    const found = await inParallel(named, AT_ONCE, one => this.find(one))
    return found.filter(endpoint => endpoint !== null)
  }

  /** Those of Namespaces that are gone are among them. */
  async names(namespace: string | null, most: number): Promise<readonly Named[]> {
    const named: Named[] = []
    for await (const { key } of this.#store.list(namespace === null ? this.#root : this.#folder(namespace))) {
      const [ofNamespace = '', name = ''] = key.slice(this.#root.length).split('/')
      named.push({ namespace: ofNamespace, name })
      if (named.length === most) break
    }
    return named
  }

  async remove(named: Named): Promise<void> {
    await this.#store.remove(this.#key(named))
  }

  #folder(namespace: string): string {
    return `${this.#root}${namespace}/`
  }

  #key({ namespace, name }: Named): string {
    return `${this.#folder(namespace)}${name}`
  }

  async #text(key: string): Promise<string> {
    return (await smallText(this.#store, key, MOST_BYTES)) ?? ''
  }
}
