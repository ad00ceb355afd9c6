import type { Coredump } from '../../coredump/coredump.ts'
import type { GlobalOptions } from '../options.ts'

/** Where a crash was read, so that the next command reads it there, too. */
export type ReadFrom = Partial<Omit<GlobalOptions, 'namespace' | 'allNamespaces' | 'requestTimeout'>>

/** What is done with a crash next: lines for a shell. */
export function nextCommands(
  { metadata, spec, status }: Coredump,
  hasLog: boolean,
  options: ReadFrom = {},
): readonly string[] {
  const named = nameOf({ metadata, spec }, options)
  const withCore = [`kubectl coredog debug ${named}`, `kubectl coredog get ${named}`]
  const withLog = `kubectl coredog log ${named}`
  return [...(status.storedBytes > 0 ? withCore : []), ...(hasLog ? [withLog] : [])]
}

/** What says more of it. */
export function infoCommand(crash: Pick<Coredump, 'metadata' | 'spec'>, options: ReadFrom): string {
  return `kubectl coredog info ${nameOf(crash, options)}`
}

function nameOf({ metadata, spec }: Pick<Coredump, 'metadata' | 'spec'>, options: ReadFrom): string {
  const namespace = isSafe(metadata.namespace) ? ` -n ${metadata.namespace}` : ''
  return `${spec.id}${namespace}${sourceIn(options)}`
}

/** In another cluster, or another store, there is no such crash. */
function sourceIn(options: ReadFrom): string {
  const {
    context,
    kubeconfig,
    as,
    asGroup = [],
    config,
    secretsDir,
    bucket,
    endpoint,
    region,
    cluster,
  } = options
  const ofStore = { config, 'secrets-dir': secretsDir, bucket, endpoint, region, cluster }
  const given = { context, kubeconfig, as, ...ofStore }
  const groups = asGroup.map(group => ['as-group', group] as const)
  return [...Object.entries(given), ...groups]
    .flatMap(([name, value]) => (value === undefined ? [] : [` --${name} ${quoted(value)}`]))
    .join('')
}

function quoted(value: string): string {
  return isSafe(value) ? value : `'${value.replaceAll("'", "'\\''")}'`
}

function isSafe(word: string): boolean {
  return /^[\w./:@%+-]+$/.test(word) && !word.startsWith('-')
}
