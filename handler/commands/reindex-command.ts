import type { Command } from 'commander'
import { readConfig } from '../../config/read-config.ts'
import { ignoreClosedReader } from '../../crash/closed-reader.ts'
import { OperatorError } from '../../crash/errors.ts'
import { reindex } from '../../crash-index/reindex.ts'
import type { Reindexed } from '../../crash-index/reindexed.ts'
import { Network } from '../../network/network.ts'
import { openStore } from '../../storage/open-store.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { belowRoot } from '../from-file/below-root.ts'
import { readHandoff } from '../handoff/handoff.ts'
import { handoffAccess } from '../handoff/handoff-access.ts'
import { sentence, verdict } from './reindex-verdict.ts'

const EPILOGUE = `
The index is what kubectl coredog and coredog-api list crashes by: two empty objects for each, whose names say what
there is. Handlers write it since 0.1.0; once after an update this writes it for what was stored before, and for what
was stored while the store refused these names. It may be ended at any time: called again, it goes on with what is
missing.

A crash of which the report, or the index, names another cluster is left to that one. One that neither names one of is
taken for ours, also where the index has it without a cluster: its handler ran before the installer of its node knew
the name. Where no cluster is known (--cluster, cluster in the configuration, an installer on the node), crashes of
which the report names one are left alone, and at the end it says which --cluster would take them; the others get the
names of a cluster without a name, as their handlers give them. --cluster=_none says that it has none.

Exit code: 0 all that are ours are in the index, 1 some were left alone that may be ours (the last lines say why), or
something went wrong, 130 it was ended before.

Examples:
  coredog-handler reindex
  kubectl -n coredog-system exec daemonset/coredog-installer -- /app/coredog-handler reindex --root=/host`

interface ReindexOptions {
  readonly root: string
  readonly cluster?: string
}

interface Outcome {
  readonly reindexed: Reindexed
  readonly isWhole: boolean
  readonly cluster: string
}

const LINE_EACH = 10_000

/** `reindex`. `configFile`: where it is on a node whose root is there. Sets process.exitCode. */
export function addReindexCommand(program: Command, configFile: (root: string) => string): void {
  program
    .command('reindex')
    .description('put the crashes into the index that are not in it')
    .option(
      '--cluster <name>',
      'whose they are; else that of the configuration, or as the installer knows it',
    )
    .option('--root <directory>', "where the node's root file system is", '/')
    .addHelpText('after', EPILOGUE)
    .action(async (options: ReindexOptions) => show(await indexAll(options, configFile(options.root))))
}

async function indexAll({ root, cluster: said = '' }: ReindexOptions, configFile: string): Promise<Outcome> {
  ignoreClosedReader()
  const { config: asOnTheNode } = await readConfig(configFile)
  const config = belowRoot(asOnTheNode, root)
  const handoff = readHandoff(config.paths.run)
  const cluster = clusterOf(said, [config.cluster, handoff.node()?.cluster])
  const store = openStore(config.storage, handoffAccess(handoff, new Network(config.network)))
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  const reindexed = await reindex(store, { cluster, signal: stop.signal, onProgress: progress() })
  return { reindexed, isWhole: !stop.signal.aborted, cluster }
}

/** Empty: none is known. A name that is mistyped would take crashes that no report says to be another's. */
function clusterOf(said: string, names: readonly (string | null | undefined)[]): string {
  const known = names.filter(name => name !== null && name !== undefined)
  const [first = ''] = known
  if (said === '' || first === '' || known.includes(said)) return said || first
  throw new OperatorError(
    `Cannot take crashes for the cluster "${plain(said)}": this one is "${plain(first)}"`,
    'Leave --cluster out. For the crashes of another cluster, call it there.',
  )
}

/** On a terminal one line that changes; else a line now and then. */
function progress(): (sofar: Reindexed) => void {
  let told = 0
  return sofar => {
    if (process.stderr.isTTY) process.stderr.write(`\r${sentence(sofar)} `)
    else if (sofar.looked - told >= LINE_EACH) {
      told = sofar.looked
      process.stderr.write(`${sentence(sofar)}\n`)
    }
  }
}

function show({ reindexed, isWhole, cluster }: Outcome): void {
  if (process.stderr.isTTY) process.stderr.write('\n')
  process.stdout.write(`${sentence(reindexed)}\n`)
  const { lines, exitCode } = verdict(reindexed, { cluster, isWhole })
  for (const line of lines) process.stderr.write(`${line}\n`)
  process.exitCode = exitCode
}
