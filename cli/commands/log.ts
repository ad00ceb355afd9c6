import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { StringDecoder } from 'node:string_decoder'
import type { Command } from 'commander'
import { showInvisible } from '../../untrusted/invisible.ts'
import { CliError, EXIT } from '../exit.ts'
import type { GlobalOptions } from '../options.ts'
import type { World } from '../world.ts'
import { chosenCrash } from './chosen-crash.ts'

export function addLog(program: Command, world: World): void {
  program
    .command('log')
    .alias('logs')
    .description('print the last lines of the log of its container, as they were when it crashed')
    .argument('<crash>', 'id as list shows it or as it begins, full name, @latest, or pod/NAME')
    .action(async (id: string, _: unknown, command: Command) => {
      const { source, crash } = await chosenCrash(id, command.optsWithGlobals<GlobalOptions>(), world)
      const log = await source.log(crash, world.signal)
      if (log === null) throw noLog(crash.spec.id)
      const { stdout, signal } = world
      // A file gets it as it was written.
      const stages = stdout.isTTY === true ? [harmless()] : []
      await pipeline([log, ...stages, stdout], { end: false, signal })
    })
}

function noLog(id: string): CliError {
  return new CliError(
    EXIT.notFound,
    `Cannot print the log of ${id}: none was kept`,
    '`collect.logLines` of the configuration says how much is; `kubectl logs -p` may still have it.',
  )
}

function harmless(): Transform {
  const decoder = new StringDecoder()
  const shown = (character: string) => ('\n\t'.includes(character) ? character : '\ufffd')
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, showInvisible(decoder.write(chunk), shown)),
    flush: done => done(null, showInvisible(decoder.end(), shown)),
  })
}
