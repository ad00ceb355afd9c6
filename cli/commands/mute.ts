import type { Command } from 'commander'
import { parseDuration } from '../../config/duration.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { CliError, EXIT } from '../exit.ts'
import type { GlobalOptions } from '../options.ts'
import type { World } from '../world.ts'
import { chosenCrash } from './chosen-crash.ts'

interface MuteOptions extends GlobalOptions {
  readonly until?: string
  readonly off?: boolean
}

const EPILOGUE = `
Its crashes are still counted and stored as before, and a core that is lost is still told of. Chats hear of the group
again at the time that --until says, with how many came meanwhile.

Examples:
  kubectl coredog mute 3f2a9c01d4e5 --until 8h --bucket s3://cores/corefiles
  kubectl coredog mute 3f2a9c01d4e5 --until 2026-12-01 --config coredog.yaml
  kubectl coredog mute 3f2a9c01d4e5 --off --bucket s3://cores/corefiles`

export function addMute(program: Command, world: World): void {
  program
    .command('mute')
    .description(
      'tell chats nothing of crashes like one for a while, with credentials for the store (--bucket, --config)',
    )
    .argument('<crash>', 'id as list shows it, or as it begins')
    .option('--until <time>', 'for so long (30m, 8h, 3d), or to a date or time')
    .option('--off', 'tell of them again')
    .addHelpText('after', EPILOGUE)
    .action(async (id: string, _: unknown, command: Command) => {
      await mute(id, command.optsWithGlobals<MuteOptions>(), world)
    })
}

async function mute(id: string, options: MuteOptions, world: World): Promise<void> {
  const until = untilOf(options, world.now())
  const { source, crash } = await chosenCrash(id, options, world)
  if (source.mute === undefined) throw onlyReads(source.name)
  if (!(await source.mute(crash, until, world.signal))) throw countedAlone(id)
  const said = until === null ? 'told of again' : `muted until ${until.toISOString()}`
  world.stdout.write(`crashes like ${crash.spec.id} are ${said}\n`)
}

const FORM = 'Say --until 8h, --until 2026-12-01, or --off.'

/** `null`: it is to end. */
function untilOf({ until, off = false }: MuteOptions, now: Date): Date | null {
  if (off === (until !== undefined))
    throw new CliError(EXIT.usage, off ? 'Cannot mute and not mute' : 'It is not said for how long', FORM)
  if (until === undefined) return null
  const end = endIn(until, now)
  if (end === null || end <= now)
    throw new CliError(EXIT.usage, `Cannot mute until "${plain(until, 80)}": it is no time to come`, FORM)
  return end
}

function endIn(until: string, now: Date): Date | null {
  const seconds = parseDuration(until)
  if (seconds !== undefined) return new Date(now.getTime() + seconds * 1000)
  const date = new Date(/^\d{4}-\d{2}-\d{2}/.test(until) ? until : Number.NaN)
  return Number.isNaN(date.getTime()) ? null : date
}

function onlyReads(name: string): CliError {
  return new CliError(
    EXIT.usage,
    `Cannot mute by way of ${plain(name)}: it only reads`,
    'Name the store, for which you need credentials: --bucket s3://NAME/FOLDER or --config coredog.yaml.',
  )
}

function countedAlone(id: string): CliError {
  return new CliError(
    EXIT.error,
    `Cannot mute crashes like ${plain(id, 80)}: each node counts them by itself`,
    'dedupe.scope has to be cluster, and the store to have conditional writes: kubectl coredog status says so.',
  )
}
