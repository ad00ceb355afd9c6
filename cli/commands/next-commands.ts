import type { Coredump } from '../../coredump/coredump.ts'
import type { StoreOptions } from '../options.ts'

/** What is done with a crash next: lines for a shell. */
export function nextCommands(
  { metadata, spec, status }: Coredump,
  hasLog: boolean,
  options: StoreOptions = {},
): readonly string[] {
  const named = nameOf({ metadata, spec }, options)
  const withCore = [`kubectl coredog debug ${named}`, `kubectl coredog get ${named}`]
  const withLog = `kubectl coredog log ${named}`
  return [...(status.storedBytes > 0 ? withCore : []), ...(hasLog ? [withLog] : [])]
}

/** What says more of it. */
export function infoCommand(crash: Pick<Coredump, 'metadata' | 'spec'>, options: StoreOptions): string {
  return `kubectl coredog info ${nameOf(crash, options)}`
}

function nameOf({ metadata, spec }: Pick<Coredump, 'metadata' | 'spec'>, options: StoreOptions): string {
  const namespace = isSafe(metadata.namespace) ? ` -n ${metadata.namespace}` : ''
  return `${spec.id}${namespace}${storeIn(options)}`
}

function storeIn(options: StoreOptions): string {
  const { config, bucket, endpoint, region } = options
  const given = Object.entries({ config, bucket, endpoint, region })
  return given
    .flatMap(([name, value]) => (value === undefined ? [] : [` --${name} ${quoted(value)}`]))
    .join('')
}

function quoted(value: string): string {
  return isSafe(value) ? value : `'${value.replaceAll("'", "'\\''")}'`
}

function isSafe(word: string): boolean {
  return /^[\w./:@%+-]+$/.test(word) && !word.startsWith('-')
}
