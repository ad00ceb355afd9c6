import type { LookupAddress } from 'node:dns'
import { lookup as lookupByDns } from 'node:dns/promises'
import { isIP } from 'node:net'
import path from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { messageOf } from '../../crash/errors.ts'
import { writeAtomic } from '../../durable/atomic-file.ts'
import type { Host } from '../../handoff/host.ts'
import { encodeHandoff, RUN_FILES } from '../../handoff/run-folder.ts'
import type { HandoffAddresses } from '../../network/handoff-lookup.ts'
import { traitsOf } from '../../storage/open-store.ts'
import { type Pause, pause } from '../../time/pause.ts'
import { withinSeconds } from '../../time/within-seconds.ts'

/** Asks the cluster's DNS, as our pod sees it. Rejects when there is no such name. */
type Lookup = (name: string) => Promise<readonly LookupAddress[]>

const clusterLookup: Lookup = name => lookupByDns(name, { all: true })

interface WatchAddressesOptions {
  readonly config: Config
  readonly host: Host
  readonly log: Logger
  readonly lookup?: Lookup
  readonly pause?: Pause
  readonly now?: () => Date
}

const ROUND_SECONDS = 30
const LOOKUP_SECONDS = 10

// The DNS of a cluster fails for minutes, when its pods move; the address of a service stays as long as it
// does.
const KEEP_SECONDS = 3600

/**
 * Hands over the addresses of the names in `config` that only the cluster's DNS knows, until `signal` aborts.
 * What cannot be looked up any more keeps its last addresses for an hour.
 */
export async function watchAddresses(options: WatchAddressesOptions, signal: AbortSignal): Promise<void> {
  const { config, pause: wait = pause } = options
  const names = clusterNames(config)
  const handoff = new HandoffTable(options)
  while (!signal.aborted) {
    await handoff.write(await Promise.all(names.map(name => handoff.resolve(name))))
    await wait(ROUND_SECONDS, signal)
  }
}

/** The host names in `config` that a node cannot look up by itself, of those whom the handler or its self-test asks. Pure. */
export function clusterNames({
  storage,
  notice: notification,
  receivers,
  network,
}: Config): readonly string[] {
  const { isRemote, endpoint } = traitsOf(storage)
  const urls = [
    isRemote ? endpoint : null,
    network.proxy,
    ...notification.channels.map(({ webhookUrl }) => webhookUrl),
    ...receivers.map(({ url }) => url),
  ]
  const names = urls.flatMap(url => (url === null ? [] : [new URL(url).hostname.replace(/\.$/, '')]))
  return [...new Set(names)].filter(isClusterName).toSorted()
}

/**
 * A service, by its full name or as a pod may shorten it. Not `minio.storage`, which any two labels could be:
 * names of the internet stay with the node's own DNS, for their addresses change, and the node is not told.
 */
function isClusterName(name: string): boolean {
  if (isIP(name.replace(/^\[|\]$/g, '')) !== 0 || /(?:^|\.)localhost$/.test(name)) return false
  return !name.includes('.') || /\.svc(?:\.|$)/.test(name) || name.endsWith('.cluster.local')
}

interface Answer {
  readonly addresses: readonly string[]
  readonly at: number
}

/** What was found last, and what of it is on the node. */
class HandoffTable {
  readonly #file: string
  readonly #log: Logger
  readonly #lookup: Lookup
  readonly #now: () => Date
  readonly #answers = new Map<string, Answer>()
  readonly #failing = new Map<string, string>()
  #written: string | null = null

  constructor({ config, host, log, lookup = clusterLookup, now = () => new Date() }: WatchAddressesOptions) {
    this.#file = host.path(path.posix.join(config.paths.run, RUN_FILES.addresses))
    this.#log = log
    this.#lookup = lookup
    this.#now = now
  }

  async resolve(name: string): Promise<readonly [string, readonly string[]]> {
    const at = this.#now().getTime()
    try {
      const found = await withinSeconds(LOOKUP_SECONDS, this.#lookup(name))
      const addresses = [...new Set(found.map(({ address }) => address))].toSorted()
      this.#answers.set(name, { addresses, at })
      if (this.#failing.delete(name)) this.#log.info({ name }, 'name looked up again')
    } catch (error) {
      this.#tell(name, messageOf(error))
    }
    const last = this.#answers.get(name)
    return [name, last !== undefined && at - last.at <= KEEP_SECONDS * 1000 ? last.addresses : []]
  }

  /** Writes what is new. What an installer before us has found stays until we find something. */
  async write(found: readonly (readonly [string, readonly string[]])[]): Promise<void> {
    const table: HandoffAddresses = Object.fromEntries(found.filter(([, addresses]) => addresses.length > 0))
    if (this.#written === null && Object.keys(table).length === 0 && found.length > 0) return
    const content = encodeHandoff(table)
    if (content === this.#written) return
    try {
      await writeAtomic(this.#file, content)
      this.#written = content
      this.#log.info({ addresses: table }, 'addresses handed over')
    } catch (error) {
      this.#log.error({ reason: messageOf(error) }, 'addresses not handed over')
    }
  }

  #tell(name: string, reason: string): void {
    if (this.#failing.get(name) === reason) return
    this.#failing.set(name, reason)
    this.#log.warn({ name, reason }, 'name not looked up')
  }
}
