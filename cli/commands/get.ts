import { type Command, Option } from 'commander'
import type { GlobalOptions } from '../options.ts'
import type { World } from '../world.ts'

const EXAMPLES = `
Examples:
  kubectl coredog get 3f2a9c01d4e5 -n shop       the core, into the file core.3f2a9c01d4e5
  kubectl coredog get @latest -o web.core        into another one
  kubectl coredog get pod/web-0 --compressed     as it is stored
  kubectl coredog get @latest -o - | eu-stack --core=/dev/stdin

A download that was interrupted goes on when the same command is run again.
Exit code 5: the core is not whole; what there is of it was written.`

export function addGet(program: Command, world: World): void {
  program
    .command('get')
    .description('get the core of a crash into a file')
    .argument('<crash>', 'id as list shows it or as it begins, full name, @latest, or pod/NAME')
    .addOption(new Option('-o, --output <file>', 'a file, a directory, or - (default: core.<id>)'))
    .option('--compressed', 'as it is stored: gzip, zstd')
    .option('--force', 'write over a file that is there')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, _: unknown, command: Command) => {
      const { getCore } = await import('../get/get-core.ts')
      await getCore(id, command.optsWithGlobals<GlobalOptions>(), world)
    })
}
