import { appendFileSync, closeSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import { destination, type Logger, pino, stdSerializers } from 'pino'
import { OperatorError } from '../crash/errors.ts'
import { withoutStacks } from '../crash/report.ts'

/** Where the log is until the configuration says otherwise. */
export const DEFAULT_LOG_FILE = '/var/log/coredog/handler.log'

/**
 * A log of JSON lines at `file`, which only root can read: reports hold command lines. It is written
 * synchronously: we live for seconds, and the last line is the one that matters.
 */
export function openLog(file: string): Logger {
  const options = {
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: { err: describeError, report: withoutStacks },
  }
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    return pino(options, destination({ fd: openSync(file, 'a', 0o600), sync: true }))
  } catch {
    // A full or read-only disk must not cost the core. The kernel's log takes a line from root at any time.
    return pino(options, { write: line => writeKernelLog(line) })
  }
}

function writeKernelLog(line: string): void {
  try {
    // The kernel cuts a record at about 1,000 bytes.
    const kernelLog = openSync('/dev/kmsg', 'w')
    appendFileSync(kernelLog, `coredog-handler: ${line.slice(0, 900)}\n`)
    closeSync(kernelLog)
  } catch {
    process.stderr.write(line)
  }
}

/** Errors of ours say all in their message and hint; of others the stack is wanted too. */
function describeError(error: unknown): object {
  if (!(error instanceof OperatorError)) return stdSerializers.err(error as Error)
  return { type: error.name, message: error.message, hint: error.hint, causes: causesOf(error.cause) }
}

function causesOf(cause: unknown): string[] {
  return cause instanceof Error ? [`${cause.name}: ${cause.message}`, ...causesOf(cause.cause)] : []
}
