import { spawn } from 'node:child_process'
import { CliError, EXIT } from '../exit.ts'
import { ignoring } from './ignoring.ts'

interface Program {
  readonly name: string
  readonly file: string
}

interface Running {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Ends it. */
  readonly signal?: AbortSignal
}

/** Gives the terminal to the debugger until it ends; resolves with its exit code. */
export async function runDebugger(
  { name, file }: Program,
  args: readonly string[],
  running: Running = {},
): Promise<number> {
  // Ctrl-C interrupts what the debugger is at, and is for nobody else meanwhile.
  using _ignored = ignoring('SIGINT')
  return await new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit', ...running })
    child.on('error', cause => reject(notStarted(name, cause)))
    child.on('exit', code => resolve(code ?? 1))
  })
}

function notStarted(name: string, cause: Error): CliError {
  return new CliError(
    EXIT.error,
    `Cannot start ${name}: ${cause.message}`,
    'Look whether it runs by itself.',
    cause,
  )
}
