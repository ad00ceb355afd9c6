import { type Command, Option } from 'commander'
import { plain } from '../../untrusted/plain-text.ts'
import type { GlobalOptions } from '../options.ts'
import { fittedTable } from '../terminal/fitted-table.ts'
import { table } from '../terminal/table.ts'
import type { Output, World } from '../world.ts'
import { chosenNamespace } from './chosen-namespace.ts'
import { countedGroups } from './counted-groups.ts'
import { encodedObject } from './form.ts'
import { groupHead, groupObject, groupRow } from './group-row.ts'
import { type GroupedCrashes, groupedCrashes, mostFirst } from './grouped-crashes.ts'
import { limitOption, newestOf, selectionOf, sinceOption } from './list.ts'
import { infoCommand } from './next-commands.ts'

interface GroupsOptions extends GlobalOptions {
  readonly since: number
  readonly limit: number
  readonly output?: 'json' | 'yaml' | 'wide'
}

/** Each is a request. */
const MOST_GROUPS = 50

const EPILOGUE = `
CRASHES, NODES and FIRST are of the whole cluster, since the first crash of its kind, where the nodes count together.
Where NODES is -, they are of the crashes that \`list\` shows: each node counts by itself, or you lack get on
coredumps/group. Builds of one bug are summed; of NODES the build with the most is shown.

Examples:
  kubectl coredog groups                   of this namespace, of the last 24 hours
  kubectl coredog groups -A --since 7d     of all namespaces, of a week
  kubectl coredog groups -o json | jq '.groups[] | select(.nodes > 1)'`

export function addGroups(program: Command, world: World): void {
  program
    .command('groups')
    .description('list which bugs there are, a line each, those that came most often first')
    .addOption(sinceOption().default(86_400, '24h'))
    .addOption(limitOption('of so many crashes at the most, the newest').default(1000))
    .addOption(new Option('-o, --output <form>', 'in which form').choices(['json', 'yaml', 'wide']))
    .addHelpText('after', EPILOGUE)
    .action(async (_: unknown, command: Command) => {
      await groups(command.optsWithGlobals<GroupsOptions>(), world)
    })
}

async function groups(options: GroupsOptions, world: World): Promise<void> {
  const { openSource, now, signal, stdout, stderr } = world
  const source = await openSource(options)
  const namespace = chosenNamespace(options, source)
  const selection = selectionOf(undefined, options, { namespace, now: now() })
  const { crashes, hasMore } = await newestOf(source.list(selection, signal), options.limit)
  const all = groupedCrashes(crashes, source)
  const { groups: some, failure } = await countedGroups(all.slice(0, MOST_GROUPS), source, signal)
  const more = Math.max(0, all.length - MOST_GROUPS)
  stdout.write(await shown(mostFirst(some), { options, namespace, more, stdout, now: now() }))
  const notes = notesOn({ namespace, failure, more, isEmpty: all.length === 0 })
  const ofNewest = `There are more crashes: these are of the newest ${options.limit}; --limit looks at others.`
  for (const note of [...notes, ...(hasMore ? [ofNewest] : [])]) stderr.write(`${note}\n`)
}

interface Noted {
  /** `null`: all. */
  readonly namespace: string | null
  readonly isEmpty: boolean
  /** Groups that are not shown. */
  readonly more: number
  readonly failure: string | null
}

function notesOn({ namespace, isEmpty, more, failure }: Noted): readonly string[] {
  const where = namespace === null ? '' : ` in the namespace ${plain(namespace)}`
  return [
    ...(isEmpty ? [`No crashes of that time found${where}: --since looks further back.`] : []),
    ...(more > 0
      ? [`There are ${more} more, of which fewer crashes are stored; --since and -n leave some out.`]
      : []),
    ...(failure === null
      ? []
      : [`It is not known of all how often they came to the cluster: ${plain(failure)}`]),
  ]
}

interface Showing {
  readonly options: GroupsOptions
  /** `null`: of all. */
  readonly namespace: string | null
  /** Groups that are not shown. */
  readonly more: number
  readonly stdout: Output
  readonly now: Date
}

async function shown(
  found: readonly GroupedCrashes[],
  { options, namespace, more, stdout, now }: Showing,
): Promise<string> {
  const { output } = options
  if (output === 'json' || output === 'yaml')
    return await encodedObject(
      { groups: found.map(group => groupObject(group, now)), ...(more > 0 && { more }) },
      output,
    )
  const [most] = found
  if (most === undefined) return ''
  const hasClusters = new Set(found.map(({ cluster }) => cluster)).size > 1
  const columns = { isWide: output === 'wide', hasNamespaces: namespace === null, hasClusters }
  const [head, rows] = [groupHead(columns), found.map(group => groupRow(group, columns, now))] as const
  if (stdout.isTTY !== true) return table(head, rows)
  const fit = { columns: stdout.columns ?? Number.POSITIVE_INFINITY, movable: ['REASON', 'WORKLOAD'] }
  const next = `\nNext:\n  ${infoCommand(most.newest, options)}\n`
  return (output === 'wide' ? table(head, rows) : fittedTable(head, rows, fit)) + next
}
