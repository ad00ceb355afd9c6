import { plain } from '../../untrusted/plain-text.ts'
import type { NodeRow } from './node-row.ts'

const MOST_WAYS = 8
const MOST_NAMED = 5
const LONGEST = 200

/** With which nodes' crashes those of each are compared, as a line; empty: no node said. */
export function comparedLine(rows: readonly NodeRow[]): string {
  const ways = new Map<string, string[]>()
  for (const { node, view } of rows) {
    const way = view?.dedupe && wayOf(view.dedupe)
    if (way !== undefined) ways.set(way, [...(ways.get(way) ?? []), node])
  }
  const [most, ...others] = [...ways].toSorted(([, one], [, other]) => other.length - one.length)
  if (most === undefined) return ''
  const different = others.slice(0, MOST_WAYS).map(([way, nodes]) => `; ${way} (${named(nodes)})`)
  return `\nCrashes are compared ${most[0]}${different.join('')}\n`
}

function wayOf({ scope, why = '' }: NonNullable<NonNullable<NodeRow['view']>['dedupe']>): string {
  if (scope === 'node') return `on each node alone: ${plain(why, LONGEST)}`
  return scope === 'off' ? 'not at all: dedupe.window' : 'in the whole cluster'
}

function named(nodes: readonly string[]): string {
  const more = nodes.length - MOST_NAMED
  const first = nodes.slice(0, MOST_NAMED).map(node => plain(node))
  return more > 0 ? `${first.join(', ')} and ${more} more` : first.join(', ')
}
