import { type Command, InvalidArgumentError, Option } from 'commander'
import type { GlobalOptions } from '../options.ts'
import type { World } from '../world.ts'
import type { DebugOptions } from './debug-options.ts'
import { DEBUGGERS } from './debugger.ts'

const EXAMPLES = `
Examples:
  kubectl coredog debug 3f2a9c01d4e5 -n shop              a prompt of gdb
  kubectl coredog debug @latest --batch -ex bt            what gdb has to say, and no prompt
  kubectl coredog debug pod/web-0 --debugger lldb         the same with lldb
  kubectl coredog debug 3f2a9c01d4e5 -- -ex 'thread 4'    behind --, all is for the debugger
  kubectl coredog debug 3f2a9c01d4e5 --in-cluster --debugger-image registry.example/gdb:1

What was fetched stays in ~/.cache/coredog ($XDG_CACHE_HOME), for yourself alone. --in-cluster copies it on into a pod
as Pod Security "restricted" has it, by your kubectl: who may exec into pods of that namespace can read it there.
Exit code 5: the core is not whole; it was opened all the same.`

export function addDebug(program: Command, world: World): void {
  program
    .command('debug')
    .description('open the core of a crash in gdb or lldb, with its program, libraries and symbols')
    .argument('<crash>', 'id as list shows it or as it begins, full name, @latest, or pod/NAME')
    .argument('[options...]', 'for the debugger: --batch -ex bt')
    .addOption(
      new Option('--debugger <name>', 'which one (default: the first that is there)').choices(DEBUGGERS),
    )
    .option('--program <file>', 'the program that crashed, where it is not stored')
    .option('--source <directory>', 'where its source is, for gdb (default: where you are)')
    .addOption(
      new Option('--cache-size <size>', 'the most that the cache keeps')
        .argParser(bytes)
        .default(20 * GIB, '20Gi'),
    )
    .option('--in-cluster', 'in a pod in the namespace of the crash, which is removed at the end')
    .option('--debugger-image <image>', 'of that pod, with gdb (default: the image that crashed)')
    .addOption(
      new Option('--memory <size>', 'the most memory that pod may have').argParser(memory).default('2Gi'),
    )
    .allowUnknownOption()
    .addHelpText('after', EXAMPLES)
    .action(async (crash: string, more: readonly string[], _own, command: Command) => {
      const { debugCrash } = await import('./debug.ts')
      // Behind an option that is not ours, it is passed on as a word.
      const at = more.indexOf('--')
      const handed = at < 0 ? more : more.toSpliced(at, 1)
      await debugCrash(crash, handed, command.optsWithGlobals<DebugOptions & GlobalOptions>(), world)
    })
}

const GIB = 1 << 30
const UNITS: Readonly<Record<string, number>> = { '': 1, Ki: 1 << 10, Mi: 1 << 20, Gi: GIB, Ti: 1024 * GIB }

/** As Kubernetes takes it. */
function memory(text: string): string {
  if (/^[1-9]\d{0,5}[MG]i$/.test(text)) return text
  throw new InvalidArgumentError('It is a size: 4Gi, 500Mi.')
}

function bytes(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,6})(|Ki|Mi|Gi|Ti)$/.exec(text) ?? []
  if (digits === '') throw new InvalidArgumentError('It is a size: 20Gi, 500Mi.')
  return Number(digits) * (UNITS[unit] ?? 1)
}
