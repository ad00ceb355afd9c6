import type { Command } from 'commander'
import type { GlobalOptions } from '../options.ts'
import { atMost } from '../source/at-most.ts'
import type { GroupCount } from '../source/source.ts'
import { styleOf } from '../terminal/style.ts'
import type { World } from '../world.ts'
import { type ChosenCrash, chosenCrash } from './chosen-crash.ts'
import { countOf } from './counted-groups.ts'

/** Of the log, on that page. */
const MOST_LOG_LINES = 20
const MOST_LOG_BYTES = 1 << 20

export function addInfo(program: Command, world: World): void {
  program
    .command('info')
    .alias('describe')
    .description('tell what is known of one crash: why, all stacks, the last lines of its log')
    .argument('<crash>', 'id as list shows it or as it begins, full name, @latest, or pod/NAME')
    .addHelpText('after', '\nExamples:\n  kubectl coredog info @latest\n  kubectl coredog info 3f2a -n shop')
    .action(async (id: string, _: unknown, command: Command) => {
      const store = command.optsWithGlobals<GlobalOptions>()
      const chosen = await chosenCrash(id, store, world)
      const { stdout, environment, now, signal } = world
      const report = await chosen.source.report(chosen.crash, signal)
      const { crashPage } = await import('./crash-page.ts')
      const [group, log] = await Promise.all([groupOf(chosen, signal), lastLines(chosen, signal)])
      const page = { ...chosen, store, report, group, log, now: now() }
      stdout.write(crashPage(page, styleOf(stdout, environment)))
    })
}

/** The rest is as useful without it. */
async function groupOf({ source, crash }: ChosenCrash, signal: AbortSignal): Promise<GroupCount | null> {
  return await countOf(crash, source, signal).catch(() => null)
}

/** The rest is as useful without it: a log has a permission of its own. */
async function lastLines({ source, crash }: ChosenCrash, signal: AbortSignal): Promise<readonly string[]> {
  const log = await source.log(crash, signal).catch(() => null)
  if (log === null) return []
  const text = (await atMost(log, MOST_LOG_BYTES)).toString()
  return text.trimEnd().split('\n').slice(-MOST_LOG_LINES)
}
