import type { Coredump } from '../../coredump/coredump.ts'
import { parseCoredumpName } from '../../coredump/coredump-name.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { CliError, EXIT } from '../exit.ts'
import type { CrashSource } from './source.ts'

export interface Wanted {
  /** As a person wrote it: `@latest`, `pod/NAME`, the full name, or how the id begins. */
  readonly id: string
  /** `null`: any. */
  readonly namespace: string | null
}

/** The one crash that is meant. Rejects with a CliError where there is none, or more than one. */
export async function findCrash(
  source: CrashSource,
  { id, namespace }: Wanted,
  signal?: AbortSignal,
): Promise<Coredump> {
  const name = id.replace(/^coredumps?(?:\.coredog\.io)?\//, '')
  if (parseCoredumpName(name) !== null && namespace !== null)
    return (await source.named(name, namespace, signal)) ?? notFound(id, namespace)
  const matches = await matchesOf(source, { id: name, namespace }, signal)
  if (matches.length > 1) throw ambiguous(id, matches)
  return matches[0] ?? notFound(id, namespace)
}

/** The first one, or, of an id, as many as show that it is not enough. */
async function matchesOf(
  source: CrashSource,
  { id, namespace }: Wanted,
  signal?: AbortSignal,
): Promise<readonly Coredump[]> {
  const isOne = id === '@latest' || id.startsWith('pod/')
  const pod = id.startsWith('pod/') ? { fields: podSelector(id) } : {}
  if (!isOne && !/^[0-9a-f]{1,12}$|^\d{8}t\d{6}z-[0-9a-f]{0,12}$/.test(id)) throw unreadable(id)
  const matches: Coredump[] = []
  for await (const crash of source.list({ namespace, ...pod }, signal)) {
    if (!isOne && !isMeant(crash, id)) continue
    matches.push(crash)
    if (isOne || crash.spec.id === id || matches.length === MOST_SHOWN) break
  }
  const exact = matches.find(({ spec }) => spec.id === id)
  return exact === undefined ? matches : [exact]
}

const MOST_SHOWN = 5

/** Of `pod/NAME`, or a name alone. */
export function podSelector(pod: string): string {
  const name = pod.replace(/^pods?\//, '')
  return `spec.pod.name=${name.replace(/[\\,=]/g, '\\$&')}`
}

function isMeant({ spec, metadata }: Coredump, id: string): boolean {
  return spec.id.startsWith(id) || metadata.name.startsWith(id)
}

function unreadable(id: string): CliError {
  return new CliError(
    EXIT.usage,
    `Cannot read "${plain(id)}": it is no id of a crash`,
    'Name one as `kubectl coredog list` shows it or as it begins, or say @latest or pod/NAME.',
  )
}

function notFound(id: string, namespace: string | null): never {
  const where = namespace === null ? 'in any namespace' : `in the namespace "${plain(namespace)}"`
  throw new CliError(
    EXIT.notFound,
    `Cannot find "${plain(id)}": there is no such crash ${where}`,
    namespace === null
      ? '`kubectl coredog list -A` shows what there is; what is over its retention is gone.'
      : '`kubectl coredog list` shows what there is; -n names another namespace.',
  )
}

function ambiguous(id: string, matches: readonly Coredump[]): CliError {
  const shown = matches.map(
    ({ spec, metadata }) => `${spec.id} (${plain(metadata.namespace)}/${plain(spec.pod.name)})`,
  )
  const more = matches.length === MOST_SHOWN ? ', …' : ''
  return new CliError(
    EXIT.usage,
    `Cannot tell which crash "${plain(id)}" is: ${shown.join(', ')}${more}`,
    'Write more of the id.',
  )
}
