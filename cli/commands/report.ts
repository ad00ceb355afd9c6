import type { Command } from 'commander'
import { Option } from 'commander'
import type { GlobalOptions } from '../options.ts'
import type { World } from '../world.ts'
import { chosenCrash } from './chosen-crash.ts'
import { encodedObject } from './form.ts'

interface ReportOptions extends GlobalOptions {
  readonly output: 'json' | 'yaml'
}

export function addReport(program: Command, world: World): void {
  program
    .command('report')
    .description('print its report: all that is known of one crash, for programs')
    .argument('<crash>', 'id as list shows it or as it begins, full name, @latest, or pod/NAME')
    .addOption(new Option('-o, --output <form>', 'in which form').choices(['json', 'yaml']).default('json'))
    .action(async (id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReportOptions>()
      const { source, crash } = await chosenCrash(id, options, world)
      world.stdout.write(await encodedObject(await source.report(crash, world.signal), options.output))
    })
}
