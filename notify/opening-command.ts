import type { CrashReport, ReportCore } from '../crash/report.ts'
import { LONGEST_VALUE } from '../untrusted/plain-text.ts'

const UNPACK = {
  gzip: { suffix: '.gz', command: 'gunzip core.gz' },
  zstd: { suffix: '.zst', command: 'zstd -d core.zst' },
  none: { suffix: '', command: null },
}

/** A program of a tenant may hold commands for gdb (`.debug_gdb_scripts`), and a folder may (`.gdbinit`): none is run. */
const GDB = "gdb -nx -iex 'set auto-load off'"

/**
 * One line that opens the downloaded core: `gunzip core.gz && gdb … /app/server core`. People paste it into a
 * shell, and the crashed program chose its own path, so its path is quoted, or left for the reader to fill
 * in.
 */
export function openingCommand(report: CrashReport): string {
  const { suffix, command } = UNPACK[report.core?.compression ?? 'gzip']
  const file = localPath(report.core?.url)
  const fetch = file?.endsWith(`/core${suffix}`) ? `cp ${file} .` : null
  const gdb = `${GDB} ${quoted(report.process?.executable)} core`
  return [fetch, command, gdb].filter(step => step !== null).join(' && ')
}

/** Whether a command of {@link openingCommand} says itself where the core is. */
export function copiesCore(command: string): boolean {
  return command.startsWith('cp ')
}

/** The path of a core that is kept on a mounted file system: FileStore says `cfs://` and the path. */
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
