import type { Command } from 'commander'
import { readConfig } from '../../config/read-config.ts'
import { type Reindexed, reindex } from '../../crash-index/reindex.ts'
import { Network } from '../../network/network.ts'
import { openStore } from '../../storage/open-store.ts'
import { belowRoot } from '../from-file/below-root.ts'
import { readHandoff } from '../handoff/handoff.ts'
import { handoffAccess } from '../handoff/handoff-access.ts'

const EPILOGUE = `
The index is what kubectl coredog and coredog-api list crashes by: two empty objects for each, whose names say what
there is. Handlers write it since 0.1.0; once after an update this writes it for what was stored before. It may be
ended at any time: called again, it goes on with what is missing. A crash of which the report names another cluster is
left to that one.

Exit code: 0 all were looked at (the last line says what was left alone), 1 something went wrong, 130 it was ended
before. Where no cluster is known, the names are those of a cluster without a name: then give --cluster.

Examples:
  coredog-handler reindex
  kubectl -n coredog-system exec daemonset/coredog-installer -- /app/coredog-handler reindex --root=/host`

interface ReindexOptions {
  readonly root: string
  readonly cluster?: string
}

const LINE_EACH = 10_000

/** `reindex`. `configFile`: where it is on a node whose root is there. Sets process.exitCode. */
export function addReindexCommand(program: Command, configFile: (root: string) => string): void {
  program
    .command('reindex')
    .description('put the crashes into the index that were stored before there was one')
    .option(
      '--cluster <name>',
      'whose they are; else that of the configuration, or as the installer knows it',
    )
    .option('--root <directory>', "where the node's root file system is", '/')
    .addHelpText('after', EPILOGUE)
    .action(async (options: ReindexOptions) => show(await indexAll(options, configFile(options.root))))
}

async function indexAll(
  { root, cluster }: ReindexOptions,
  configFile: string,
): Promise<{ readonly reindexed: Reindexed; readonly isWhole: boolean }> {
  const { config: asOnTheNode } = await readConfig(configFile)
  const config = belowRoot(asOnTheNode, root)
  const handoff = readHandoff(config.paths.run)
  const store = openStore(config.storage, handoffAccess(handoff, new Network(config.network)))
  const ours = cluster ?? config.cluster ?? handoff.node()?.cluster ?? ''
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  const reindexed = await reindex(store, { cluster: ours, signal: stop.signal, onProgress: progress() })
  return { reindexed, isWhole: !stop.signal.aborted }
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

function show({ reindexed, isWhole }: { readonly reindexed: Reindexed; readonly isWhole: boolean }): void {
  if (process.stderr.isTTY) process.stderr.write('\n')
  process.stdout.write(`${sentence(reindexed)}\n`)
  if (isWhole) return
  process.stderr.write('Ended before all were looked at: the same command goes on.\n')
  process.exitCode = 130
}

function sentence({ looked, added, known, foreign, unread }: Reindexed): string {
  const others = foreign === 0 ? '' : `, ${foreign} of another cluster left alone (--cluster)`
  const broken = unread === 0 ? '' : `, ${unread} left alone whose report cannot be read`
  return `${looked} crashes: ${added} put into the index, ${known} were there${others}${broken}`
}
