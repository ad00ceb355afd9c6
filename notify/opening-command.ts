import { storedExecutable, storedSymbols } from '../crash/opened-files.ts'
import type { ReportCore } from '../crash/report.ts'
import { LONGEST_VALUE } from '../untrusted/plain-text.ts'
import { PROGRAM, SYMBOLS } from './crash-links.ts'
import type { Notification } from './notification.ts'
import { webLink } from './web-link.ts'

const UNPACK = {
  gzip: { suffix: '.gz', command: 'gunzip core.gz' },
  zstd: { suffix: '.zst', command: 'zstd -d core.zst' },
  none: { suffix: '', command: null },
}

/** A program of a tenant may hold commands for gdb (`.debug_gdb_scripts`), and a folder may (`.gdbinit`): none is run. */
const GDB = "gdb -nx -iex 'set auto-load off'"

/**
 * One line that opens what the links of `notification` were saved as: `gunzip core.gz && gdb … program core`; without
 * a link to the program, that of the image. From a mounted file system it copies the files itself. People paste it
 * into a shell, and the crashed program chose its own path, so its path is quoted, or left for the reader to fill in.
 */
export function openingCommand(notification: Notification): string {
  const { report, executableLink, symbolsLink } = notification
  const { suffix, command } = UNPACK[report.core?.compression ?? 'gzip']
  const core = localPath(report.core?.url)
  const symbolsFile = storedSymbols(report)
  const program = copied(storedExecutable(report), executableLink, PROGRAM)
  const symbols = copied(symbolsFile, symbolsLink, SYMBOLS)
  const named = program === null ? quoted(report.process?.executable) : PROGRAM
  const steps = [
    core?.endsWith(`/core${suffix}`) ? `cp ${core} .` : null,
    program?.command,
    symbols?.command,
    command,
    ...(symbols === null ? [] : foundByBuildId(symbolsFile?.buildId ?? '')),
    [GDB, ...(symbols === null ? [] : [WITH_FOUND]), named, 'core'].join(' '),
  ]
  return steps.filter(Boolean).join(' && ')
}

/** Beside what the reader's own machine has. */
const WITH_FOUND = "-iex 'set debug-file-directory .:/usr/lib/debug'"

/**
 * Puts the symbols where gdb looks for those of a build. As its symbol file (`-s`) gdb 13 shows their names, and no
 * libraries, so most stacks are lost.
 */
function foundByBuildId(buildId: string): readonly string[] {
  const folder = `.build-id/${buildId.slice(0, 2)}`
  return [`mkdir -p ${folder}`, `cp ${SYMBOLS} ${folder}/${buildId.slice(2)}.debug`]
}

/** Whether a command of {@link openingCommand} says itself where the core is. */
export function copiesCore(command: string): boolean {
  return command.startsWith('cp ')
}

/** `null`: it is neither linked to nor at hand; its `command`, if one is needed to have it as `name`. */
function copied(
  stored: { readonly url?: string } | null,
  link: string | null = null,
  name: string,
): { readonly command: string | null } | null {
  if (stored === null) return null
  const file = localPath(stored.url)
  if (file !== null) return { command: `cp ${file} ${name}` }
  return webLink(link) === null ? null : { command: null }
}

/** The path of a file that is kept on a mounted file system: FileStore says `cfs://` and the path. */
function localPath(url: ReportCore['url']): string | null {
  const file = /^cfs:\/\/(.*)$/.exec(url ?? '')?.[1]
  return file !== undefined && /^\/[\w./@%+=:,-]*$/.test(file) ? file : null
}

// Letters, digits and a few signs pass: nothing that a shell or a chat takes for more than itself. A path
// that was shown changed would name another file, so the reader fills it in.
function quoted(executable: string | undefined): string {
  if (!/^\/[\p{L}\p{N}_./@%+=:, -]*$/u.test(executable ?? '')) return 'EXECUTABLE'
  if (executable === undefined || executable.length > LONGEST_VALUE) return 'EXECUTABLE'
  return /[^\w./@%+=:,-]/.test(executable) ? `'${executable}'` : executable
}
