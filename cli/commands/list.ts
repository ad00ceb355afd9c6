import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../../config/duration.ts'
import type { Coredump } from '../../coredump/coredump.ts'
import { plain } from '../../untrusted/plain-text.ts'
import type { GlobalOptions } from '../options.ts'
import { podSelector } from '../source/find-crash.ts'
import type { Selection } from '../source/source.ts'
import { table } from '../terminal/table.ts'
import type { World } from '../world.ts'
import { chosenNamespace } from './chosen-namespace.ts'
import { type Columns, headOf, rowOf } from './crash-row.ts'
import { encoded, FORMS, type Form } from './form.ts'

interface ListOptions extends GlobalOptions, SelectionOptions {
  readonly limit: number
  readonly output?: Form | 'wide'
}

/** Which crashes, as `list` and `watch` take them. */
export interface SelectionOptions {
  readonly since?: number
  readonly selector?: string
  readonly fieldSelector?: string
}

const EXAMPLES = `
Examples:
  kubectl coredog list                     of this namespace, the newest first
  kubectl coredog list -A --since 1h       of all namespaces, of the last hour
  kubectl coredog list pod/web-0           of one pod, also when it is gone
  kubectl coredog list --field-selector spec.container=app -o wide
  kubectl coredog list -o json | jq '.items[].status.reason'`

export function addList(program: Command, world: World): void {
  addSelection(
    program
      .command('list')
      .alias('ls')
      .description('list what crashed, the newest first')
      .argument('[pod/NAME]', 'of one pod'),
  )
    .addOption(limitOption('so many at the most').default(500))
    .addOption(new Option('-o, --output <form>', 'in which form').choices([...FORMS, 'wide']))
    .addHelpText('after', EXAMPLES)
    .action(async (pod: string | undefined, _: unknown, command: Command) => {
      await list(pod, command.optsWithGlobals<ListOptions>(), world)
    })
}

export function addSelection(command: Command): Command {
  return command
    .addOption(sinceOption())
    .option('-l, --selector <labels>', 'by labels, as kubectl takes them')
    .option('--field-selector <fields>', 'by fields: spec.pod.name, spec.pod.uid, spec.container, spec.id')
}

export function sinceOption(): Option {
  return new Option('--since <duration>', 'not older than that: 30m, 1h, 2d').argParser(seconds)
}

export function limitOption(what: string): Option {
  return new Option('--limit <number>', what).argParser(count)
}

export function selectionOf(
  pod: string | undefined,
  { since, selector, fieldSelector }: SelectionOptions,
  { namespace, now }: { readonly namespace: string | null; readonly now: Date },
): Selection {
  const fields = [fieldSelector, pod === undefined ? undefined : podSelector(pod)]
  const given = fields.filter(field => field !== undefined)
  return {
    namespace,
    ...(since !== undefined && { since: new Date(now.getTime() - since * 1000) }),
    ...(selector !== undefined && { labels: selector }),
    ...(given.length > 0 && { fields: given.join(',') }),
  }
}

async function list(pod: string | undefined, options: ListOptions, world: World): Promise<void> {
  const { openSource, now, signal, stdout, stderr } = world
  const source = await openSource(options)
  const namespace = chosenNamespace(options, source)
  const selection = selectionOf(pod, options, { namespace, now: now() })
  const { crashes, hasMore } = await newestOf(source.list(selection, signal), options.limit)
  const where = namespace === null ? '' : ` in the namespace ${plain(namespace)}`
  if (crashes.length === 0) stderr.write(`No crashes found${where}.\n`)
  const columns = { isWide: options.output === 'wide', hasNamespaces: namespace === null }
  stdout.write(await shown(crashes, options.output, columns, now()))
  if (hasMore) stderr.write(`There are more: these are the newest ${options.limit}; --limit shows others.\n`)
}

/** Of crashes that come the newest first. */
export async function newestOf(
  all: AsyncIterable<Coredump>,
  limit: number,
): Promise<{ readonly crashes: readonly Coredump[]; readonly hasMore: boolean }> {
  const crashes: Coredump[] = []
  for await (const crash of all) {
    if (crashes.length === limit) return { crashes, hasMore: true }
    crashes.push(crash)
  }
  return { crashes, hasMore: false }
}

async function shown(
  crashes: readonly Coredump[],
  output: ListOptions['output'],
  columns: Columns,
  now: Date,
): Promise<string> {
  if (output !== undefined && output !== 'wide') return await encoded(crashes, output)
  if (crashes.length === 0) return ''
  return table(
    headOf(columns),
    crashes.map(crash => rowOf(crash, columns, now)),
  )
}

function seconds(text: string): number {
  const value = parseDuration(text)
  if (value === undefined || value === 0) throw new InvalidArgumentError('It is a time: 30m, 1h, 2d.')
  return value
}

function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It is a number from 1 to 999999.')
  return Number(text)
}
