import type { Coredump } from '../../coredump/coredump.ts'
import type { StoreOptions } from '../options.ts'

/** What is done with a crash next: lines for a shell. */
export function nextCommands(
  { metadata, spec, status }: Coredump,
  hasLog: boolean,
  options: StoreOptions = {},
): readonly string[] {
  const namespace = isSafe(metadata.namespace) ? ` -n ${metadata.namespace}` : ''
  const named = `${spec.id}${namespace}${storeIn(options)}`
  const withCore = [`kubectl coredog debug ${named}`, `kubectl coredog get ${named}`]
  const withLog = `kubectl coredog log ${named}`
  return [...(status.storedBytes > 0 ? withCore : []), ...(hasLog ? [withLog] : [])]
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
