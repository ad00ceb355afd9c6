import { spawn } from 'node:child_process'
import { CliError, EXIT } from '../exit.ts'
import type { Debugger } from './debugger.ts'

/** Gives the terminal to the debugger until it ends; resolves with its exit code. */
export async function runDebugger({ name, file }: Debugger, args: readonly string[]): Promise<number> {
  using _ignored = ignoringCtrlC()
  return await new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit' })
    child.on('error', cause => reject(notStarted(name, cause)))
    child.on('exit', code => resolve(code ?? 1))
  })
}

/** It interrupts what the debugger is at, and is for nobody else meanwhile. */
function ignoringCtrlC(): Disposable {
  // As they were added: those for once are not forgotten.
  const others = process.rawListeners('SIGINT') as NodeJS.SignalsListener[]
  const ignore = () => undefined
  process.on('SIGINT', ignore)
  for (const other of others) process.off('SIGINT', other)
  return {
    [Symbol.dispose]() {
      for (const other of others) process.on('SIGINT', other)
      process.off('SIGINT', ignore)
    },
  }
}

function notStarted(name: string, cause: Error): CliError {
  return new CliError(
    EXIT.error,
    `Cannot start ${name}: ${cause.message}`,
    'Look whether it runs by itself.',
    cause,
  )
}
