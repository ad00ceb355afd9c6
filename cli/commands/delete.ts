import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import type { Coredump } from '../../coredump/coredump.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { CliError, EXIT } from '../exit.ts'
import type { GlobalOptions } from '../options.ts'
import { findCrash } from '../source/find-crash.ts'
import type { CrashSource } from '../source/source.ts'
import { bytesInWords } from '../terminal/units.ts'
import type { World } from '../world.ts'
import { chosenNamespace } from './chosen-namespace.ts'

interface DeleteOptions extends GlobalOptions {
  readonly yes?: boolean
}

export function addDelete(program: Command, world: World): void {
  program
    .command('delete')
    .description('remove crashes from the store, with your own credentials for it (--bucket, --config)')
    .argument('<crash...>', 'ids as list shows them, or as they begin')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  kubectl coredog delete 3f2a9c01d4e5 --bucket s3://cores/corefiles')
    .action(async (ids: readonly string[], _: unknown, command: Command) => {
      await deleteCrashes(ids, command.optsWithGlobals<DeleteOptions>(), world)
    })
}

async function deleteCrashes(ids: readonly string[], options: DeleteOptions, world: World): Promise<void> {
  const source = await world.openSource(options)
  const { remove } = source
  if (remove === undefined) throw takesNothingAway(source)
  const namespace = chosenNamespace(options, source)
  const crashes: Coredump[] = []
  for (const id of ids) crashes.push(await findCrash(source, { id, namespace }, world.signal))
  if (options.yes !== true) await assertMeant(crashes, source, world)
  for (const crash of crashes) {
    world.signal.throwIfAborted()
    await remove.call(source, crash, world.signal)
    world.stdout.write(`coredump ${crash.spec.id} deleted\n`)
  }
}

async function assertMeant(
  crashes: readonly Coredump[],
  { name }: CrashSource,
  { stdin, stderr, signal }: World,
): Promise<void> {
  for (const { metadata, spec, status } of crashes) {
    const where = `${metadata.namespace}/${spec.pod.name}`
    stderr.write(
      `${spec.id}  ${plain(where)}  ${metadata.creationTimestamp}  ${bytesInWords(status.storedBytes)}\n`,
    )
  }
  if (stdin.isTTY !== true) throw notMeant('Say --yes where nobody can be asked.')
  const lines = createInterface({ input: stdin, output: stderr })
  try {
    const answer = await lines.question(`Delete from ${plain(name)} for good? [y/N] `, { signal })
    if (!/^y(es)?$/i.test(answer.trim())) throw notMeant('Answer y to delete them.')
  } finally {
    lines.close()
  }
}

function notMeant(hint: string): CliError {
  return new CliError(EXIT.error, 'Nothing was deleted', hint)
}

function takesNothingAway({ name }: CrashSource): CliError {
  return new CliError(
    EXIT.usage,
    `Cannot delete by way of ${plain(name)}: it only reads`,
    'Name the store, for which you need credentials: --bucket s3://NAME/FOLDER or --config coredog.yaml.',
  )
}
