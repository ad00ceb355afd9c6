import { pipeline } from 'node:stream/promises'
import type { Coredump } from '../../coredump/coredump.ts'
import { plain } from '../../untrusted/plain-text.ts'
import { chosenCrash } from '../commands/chosen-crash.ts'
import { fetched, type Wanted } from '../debug/fetched.ts'
import { Transfer } from '../debug/transfer.ts'
import { unpacked } from '../debug/unpacked.ts'
import { CliError, EXIT } from '../exit.ts'
import type { GlobalOptions } from '../options.ts'
import type { CrashSource } from '../source/source.ts'
import { bytesInWords } from '../terminal/units.ts'
import type { World } from '../world.ts'
import { compressionBy } from './compression-by.ts'
import { OutputFile } from './output-file.ts'

export interface GetOptions extends GlobalOptions {
  /** A file, a directory, or `-`. */
  readonly output?: string
  readonly compressed?: boolean
  readonly force?: boolean
}

/** Writes the core of a crash: checked, as the kernel wrote it, and under its name only when all of it is there. */
export async function getCore(id: string, options: GetOptions, world: World): Promise<void> {
  const { source, crash } = await chosenCrash(id, options, world)
  if (crash.status.storedBytes === 0) throw noCore(crash)
  const transfer = new Transfer(world)
  transfer.want(crash.status.storedBytes)
  const wanted = wantedOf(source, crash, { onBytes: transfer.add, signal: world.signal })
  if (wanted.sha256 === null) world.stderr.write('It is not checked: no report says its sha256.\n')
  let done: OutputFile | null = null
  try {
    if (options.output === '-') await intoStdout(wanted, options, world)
    else done = await intoFile(wanted, crash, options, world)
  } finally {
    transfer.end()
  }
  if (world.stderr.isTTY === true && done !== null) world.stderr.write(`${doneWith(done, wanted)}\n`)
  if (crash.status.phase === 'Incomplete') throw incomplete(crash)
}

function wantedOf(
  source: CrashSource,
  crash: Coredump,
  { onBytes, signal }: Pick<Wanted, 'onBytes' | 'signal'>,
): Wanted {
  const { storedBytes, sha256 = '' } = crash.status
  return {
    name: `the core of ${crash.spec.id}`,
    open: firstByte => source.core(crash, { firstByte, signal }),
    sizeBytes: storedBytes,
    sha256: /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null,
    ...{ onBytes, signal },
  }
}

async function intoStdout(
  wanted: Wanted,
  { compressed }: GetOptions,
  { stdout, signal }: World,
): Promise<void> {
  if (stdout.isTTY === true)
    throw new CliError(EXIT.usage, 'Cannot write a core to a terminal', 'Pipe it, or name a file with -o.')
  await pipeline(await coreOf(fetched(null, wanted), compressed), stdout, { end: false, signal })
}

async function intoFile(
  wanted: Wanted,
  crash: Coredump,
  options: GetOptions,
  world: World,
): Promise<OutputFile> {
  const { spec, status } = crash
  const ending =
    options.compressed === true ? { gzip: '.gz', zstd: '.zst', none: '' }[status.compression ?? 'none'] : ''
  const output = await OutputFile.open(options.output ?? '.', {
    name: `core.${spec.id}${ending}`,
    of: wanted.sha256 ?? spec.id,
    isForced: options.force === true,
  })
  try {
    await output.fill(part => coreOf(fetched(part, wanted), options.compressed))
  } catch (error) {
    const kept = await output.release()
    if (world.signal.aborted && kept > 0) world.stderr.write(interrupted(kept, wanted))
    throw error
  }
  return output
}

async function coreOf(
  bytes: AsyncIterable<Uint8Array>,
  compressed = false,
): Promise<AsyncIterable<Uint8Array>> {
  if (compressed) return bytes
  const { compression, all } = await compressionBy(bytes)
  return unpacked(all, compression)
}

function doneWith({ file, sizeBytes }: OutputFile, { sha256 }: Wanted): string {
  const checked = sha256 === null ? '' : ', sha256 ok'
  return `${plain(file)}: ${bytesInWords(sizeBytes)}${checked}`
}

function interrupted(keptBytes: number, { sizeBytes }: Wanted): string {
  const kept = `${bytesInWords(keptBytes)} of ${bytesInWords(sizeBytes ?? 0)}`
  return `\nInterrupted. ${kept} are kept: the same command goes on from there.\n`
}

function noCore({ spec, status }: Coredump): CliError {
  const why =
    status.phase === 'Suppressed'
      ? 'it was only counted, because enough like it were kept'
      : status.incompleteReason
  return new CliError(
    EXIT.notFound,
    `Cannot get the core of ${spec.id}: ${plain(why ?? 'there is none')}`,
    `\`kubectl coredog info ${spec.id}\` tells what is known of it, \`kubectl coredog list\` which ones have a core.`,
  )
}

function incomplete({ spec, status }: Coredump): CliError {
  return new CliError(
    EXIT.incomplete,
    `The core of ${spec.id} is not whole: ${plain(status.incompleteReason ?? 'it is not said why')}`,
    'What there is of it was written; a debugger opens it and may miss memory.',
  )
}
