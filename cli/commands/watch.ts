import type { Command } from 'commander'
import { Option } from 'commander'
import type { Coredump } from '../../coredump/coredump.ts'
import { plain } from '../../untrusted/plain-text.ts'
import type { GlobalOptions } from '../options.ts'
import { bytesInWords } from '../terminal/units.ts'
import type { World } from '../world.ts'
import { chosenNamespace } from './chosen-namespace.ts'
import { type SelectionOptions, selectionOf } from './list.ts'

interface WatchOptions extends GlobalOptions, Omit<SelectionOptions, 'since'> {
  readonly output?: 'json' | 'name'
}

export function addWatch(program: Command, world: World): void {
  program
    .command('watch')
    .description('tell of each crash when it is stored, until Ctrl-C')
    .argument('[pod/NAME]', 'of one pod')
    .option('-l, --selector <labels>', 'by labels, as kubectl takes them')
    .option('--field-selector <fields>', 'by fields: spec.pod.name, spec.pod.uid, spec.container')
    .addOption(new Option('-o, --output <form>', 'a line each').choices(['json', 'name']))
    .action(async (pod: string | undefined, _: unknown, command: Command) => {
      await watch(pod, command.optsWithGlobals<WatchOptions>(), world)
    })
}

async function watch(pod: string | undefined, options: WatchOptions, world: World): Promise<void> {
  const { openSource, now, signal, stdout, stderr } = world
  const source = await openSource(options)
  const namespace = chosenNamespace(options, source)
  const crashes = source.watch(selectionOf(pod, options, { namespace, now: now() }), signal)
  if (stderr.isTTY === true) stderr.write('Waiting for crashes. Ctrl-C ends it.\n')
  for await (const crash of crashes) stdout.write(lineOf(crash, options.output))
}

function lineOf(crash: Coredump, output: WatchOptions['output']): string {
  const { metadata, spec, status } = crash
  if (output === 'json') return `${JSON.stringify(crash)}\n`
  if (output === 'name') return `${metadata.name}\n`
  const where = `${metadata.namespace}/${spec.pod.name}`
  const size = status.storedBytes === 0 ? 'no core' : bytesInWords(status.storedBytes)
  const words = [
    metadata.creationTimestamp,
    spec.id,
    where,
    spec.signal?.name ?? '',
    size,
    status.reason ?? '',
  ]
  return `${words.map(word => plain(word)).join('  ')}\n`
}
