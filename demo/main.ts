import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { ignoreClosedReader } from '../crash/closed-reader.ts'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { renderForTerminal } from '../notify/terminal.ts'
import { backtraceText } from './backtrace-text.ts'
import { collectByFile, type Shown } from './by-file.ts'
import { collectByKernel } from './by-kernel.ts'
import { storedFilesOf } from './stored-files.ts'

const USAGE = `Usage: npm run demo [-- --kernel]

Makes a program crash and takes its core the whole way: store, report, message.
Needs no cluster and no root, and removes what it made, but for the stored crash.

  --kernel   through this machine's own kernel, as on a node: needs root; core_pattern
             is ours for a moment, and put back whatever happens
`
async function main(): Promise<void> {
  const values = options()
  if (values.help) return say(USAGE)
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-demo-'))
  const store = path.join(folder, 'store')
  mkdirSync(store)
  try {
    show(await (values.kernel ? collectByKernel : collectByFile)(folder, store))
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function options(): { kernel?: boolean; help?: boolean } {
  try {
    return parseArgs({ options: { kernel: { type: 'boolean' }, help: { type: 'boolean' } } }).values
  } catch (error) {
    throw new OperatorError(`${messageOf(error)}.`, '"npm run demo -- --help" says what there is.')
  }
}

function show({ notice: notification, program, simulated, next }: Shown): void {
  const { core, report } = storedFilesOf(notification.report)
  say(`A process crashed, and this is in its owners' chat:\n\n${renderForTerminal(notification)}`)
  say(`\nIts core is in the store, compressed, and beside it the report that says all this:\n`)
  say(`\n  ${core}\n  ${report}\n`)
  say(
    `\nA debugger opens the core:\n\n  gunzip -k ${quoted(core)}\n  gdb ${quoted(program)} ${quoted(core.replace(/\.gz$/, ''))}\n`,
  )
  say(`\n${simulated}.\nThe pod is made up: there is no cluster here.\n`)
  say(`\nIts backtrace, found without a debugger:\n\n${backtraceText(notification.report)}\n`)
  say(`\nNext: ${next}\n`)
}

/** For a shell: the folder for temporary files is the reader's. */
function quoted(file: string): string {
  return /^[\w./@%+=:,-]+$/.test(file) ? file : `'${file.replaceAll("'", `'\\''`)}'`
}

function say(text: string): void {
  process.stdout.write(text)
}

/** A line for a person; an unexpected error keeps its stack. */
function fail(error: unknown): void {
  if (!(error instanceof OperatorError)) throw error
  process.stderr.write(`${error.message} ${error.hint}\n`)
  process.exitCode = 1
}

ignoreClosedReader()
await main().catch(fail)
