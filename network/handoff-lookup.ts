import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'

/**
 * A `lookup` for connections that knows the names the installer has handed over, and asks the node's own DNS
 * for all others. `addresses` is called when a name is first asked for.
 *
 * A name below a known one is known too: where the bucket stands in the host name, `bucket.minio.storage.svc`
 * is asked for, and the cluster's DNS has no such name.
 */
export function handoffLookup(
  addresses: () => Promise<HandoffAddresses>,
  others: LookupFunction = lookup,
): LookupFunction {
  let known: Promise<HandoffAddresses> | null = null
  return (name, options, callback) => {
    known ??= addresses()
    const ask = (table: HandoffAddresses) => {
      const found = addressesOf(name, table).filter(({ family }) => suits(family, options))
      const [first] = found
      if (first === undefined) others(name, options, callback)
      else if (options.all) callback(null, found)
      else callback(null, first.address, first.family)
    }
    // A handler that cannot read what the installer handed over asks the node's DNS, as it would without it.
    known.then(ask, () => ask({}))
  }
}

function addressesOf(name: string, table: HandoffAddresses): LookupAddress[] {
  const known = withParents(name.toLowerCase().replace(/\.$/, '')).find(each => Object.hasOwn(table, each))
  if (known === undefined) return []
  const found = (table[known] ?? []).map(address => ({ address, family: isIP(address) }))
  return found.filter(({ family }) => family !== 0)
}

/** `a.b.c`, `b.c`; not `c` alone, below which half the world could be. */
function withParents(name: string): string[] {
  const labels = name.split('.')
  const parents = labels.slice(1, -1).map((_, at) => labels.slice(at + 1).join('.'))
  return [name, ...parents]
}

function suits(family: number, options: LookupOptions): boolean {
  const wanted = Number(String(options.family ?? 0).replace('IPv', ''))
  return wanted === 0 || wanted === family
}

/** IP addresses by host name, of names that only the cluster's own DNS knows. */
export type HandoffAddresses = Readonly<Record<string, readonly string[]>>
