import { CliError, EXIT } from '../exit.ts'
import type { CrashFolder } from './crash-folder.ts'
import { programInPath } from './program-in-path.ts'

export const DEBUGGERS = ['gdb', 'lldb'] as const
export type DebuggerName = (typeof DEBUGGERS)[number]

/** A program of this machine. */
export interface Debugger {
  readonly name: DebuggerName
  readonly file: string
}

/** `asked`; absent: the first of those that we know. */
export function findDebugger(
  environment: Readonly<Record<string, string | undefined>>,
  asked?: DebuggerName,
): Debugger | null {
  const names = asked === undefined ? DEBUGGERS : [asked]
  const found = names.map(name => ({ name, file: programInPath(environment, name) }))
  return found.find((one): one is Debugger => one.file !== null) ?? null
}

/**
 * The arguments that open a crash. A program of a tenant may hold commands for its debugger, and the folder one is in
 * may: none is run. `more` is for the debugger itself.
 */
export function argumentsFor(
  name: DebuggerName,
  crash: CrashFolder,
  more: readonly string[],
): readonly string[] {
  return ARGUMENTS[name](crash, more)
}

type ArgumentsOf = (crash: CrashFolder, more: readonly string[]) => readonly string[]

const ARGUMENTS: Readonly<Record<DebuggerName, ArgumentsOf>> = {
  gdb: ({ core, program, sysroot, libraries, debug }, more) => [
    ...['-q', '-nx'],
    ...['-iex', 'set auto-load off'],
    // What it says while it opens fills a small terminal: a person would be asked before there is anything to see.
    ...['-iex', 'set pagination off'],
    // Before any file is opened: else libraries of this machine are taken.
    ...['-iex', `set sysroot ${sysroot}`],
    ...['-iex', `set solib-search-path ${libraries}`],
    ...['-iex', `set debug-file-directory ${debug}:/usr/lib/debug`],
    ...['-ex', 'set pagination on'],
    ...more,
    ...(program === null ? [`--core=${core}`] : [program, core]),
  ],
  lldb: ({ core, program, sysroot, libraries, debug }, more) => [
    '--no-lldbinit',
    ...['-O', 'settings set target.load-script-from-symbol-file false'],
    ...['-O', 'settings set target.load-cwd-lldbinit false'],
    ...['-O', `settings set target.exec-search-paths '${libraries}'`],
    ...['-O', `settings set target.debug-file-search-paths '${debug}'`],
    ...['-O', `platform select --sysroot '${sysroot}' remote-linux`],
    ...more,
    ...['--core', core],
    ...(program === null ? [] : [program]),
  ],
}

/** As a person can paste it into a shell. */
export function commandLine(file: string, args: readonly string[]): string {
  return [file, ...args].map(quoted).join(' ')
}

function quoted(word: string): string {
  return /^[\w./@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** It runs in a container of any machine, with the folder of the crash alone. */
export function noDebugger({ folder, program }: CrashFolder, asked: DebuggerName = 'gdb'): CliError {
  const inside = commandLine('gdb', argumentsFor('gdb', crashIn('/crash', program !== null), []))
  const install = 'apt-get update -qq && apt-get install -yqq gdb >/dev/null'
  const container = commandLine('docker', [
    ...[
      'run',
      '--rm',
      '-it',
      '-v',
      `${folder}:/crash:ro`,
      'debian:12',
      'sh',
      '-c',
      `${install} && ${inside}`,
    ],
  ])
  return new CliError(
    EXIT.error,
    `Cannot find ${asked} on this machine`,
    `Install it (apt install ${asked}, dnf install ${asked}, brew install ${asked}) and run the same command again: nothing is fetched twice. Or in a container:\n  ${container}`,
  )
}

/** The same in a container. */
export function crashIn(folder: string, hasProgram: boolean): CrashFolder {
  const at = (name: string) => `${folder}/${name}`
  const named = { core: at('core'), program: hasProgram ? at('program') : null }
  return { folder, ...named, sysroot: at('sysroot'), libraries: at('libraries'), debug: at('debug') }
}
