import { fstatSync, readSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { readConfig } from '../../config/read-config.ts'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { positionOf } from '../../handoff/file-position.ts'
import { connect } from '../connect.ts'
import { NO_ALLOWANCE } from '../core/allowance.ts'
import { CorePipe } from '../core/core-pipe.ts'
import { readHandoff } from '../handoff/handoff.ts'
import { DEFAULT_LOG_FILE, openLog } from '../log.ts'
import { belowRoot } from './below-root.ts'
import { type Collected, collectFile, type FoundCore } from './collect-file.ts'
import { containerRoot } from './container-root.ts'

/** The options of `collect-file`, as they stand on its command line. */
export interface CollectFileOptions {
  readonly root: string
  readonly namespace: string
  readonly pod: string
  readonly container?: string
  readonly id: string
  readonly path: string
}

/** The line on stdout. `failed`: it is not stored, and may be tried again. */
export type Answer =
  | Collected
  | { readonly outcome: 'failed'; readonly reason: string; readonly hint?: string }

const EXIT_CODES: Readonly<Record<Answer['outcome'], number>> = {
  stored: 0,
  suppressed: 0,
  skipped: 0,
  failed: 1,
  refused: 2,
}

/** Takes the core on stdin, answers with one line of JSON, and sets process.exitCode. Never rejects. */
export async function answerForFile(options: CollectFileOptions, configFile: string): Promise<void> {
  const answer = await answerFor(options, configFile)
  process.stdout.write(`${JSON.stringify(answer)}\n`)
  process.exitCode = EXIT_CODES[answer.outcome]
}

async function answerFor(options: CollectFileOptions, configFile: string): Promise<Answer> {
  let log: Logger | null = null
  try {
    const { config: asOnTheNode } = await readConfig(configFile)
    const config = belowRoot(asOnTheNode, options.root)
    log = openLog(config.paths.log)
    const pods = readHandoff(config.paths.run).pods
    const answer = await collectFile(openFound(options, config), config, {
      ...connect(config, log),
      // No process is held, and the claims of the node are by process ids of the node.
      readAhead: () => NO_ALLOWANCE,
      pods,
      wait,
      rootOf: containers => containerRoot(containers, path.join(options.root, 'proc')),
    })
    if (answer.outcome === 'refused')
      log.warn({ file: options.path, reason: answer.reason }, 'core file refused')
    return answer
  } catch (err) {
    log ??= openLog(path.join(options.root, DEFAULT_LOG_FILE))
    log.error({ err, file: options.path }, 'core file not stored')
    return {
      outcome: 'failed',
      reason: messageOf(err),
      ...(err instanceof OperatorError ? { hint: err.hint } : {}),
    }
  }
}

const wait = (seconds: number) => setTimeout(seconds * 1000)

const STDIN = 0
const START_BYTES = 64

/**
 * The file on stdin. It stays open to our end: its number must not go to what is opened next, and by it the
 * installer, which started us, sees how far we are.
 */
function openFound(options: CollectFileOptions, { limits }: Config): FoundCore {
  const { namespace, pod, container = null } = options
  const stats = fstatSync(STDIN)
  if (!stats.isFile())
    throw misused('stdin is not a regular file', 'Open the core file, and hand it over as stdin.')
  if (positionOf(STDIN) !== 0)
    throw misused('somebody has read from stdin already', 'Open the core file anew for each try.')
  if (!/^(?:[0-9a-f]{12}|[0-9a-f]{32})$/.test(options.id))
    throw misused(`--id=${JSON.stringify(options.id)}`, 'Give 12 or 32 hexadecimal digits in lower case.')
  const start = Buffer.alloc(START_BYTES)
  return {
    pipe: new CorePipe(STDIN, { limitBytes: limits.maxCoreBytes, release: () => undefined }),
    stats,
    path: options.path,
    folder: { namespace, pod, container },
    // As long as all ids of crashes are.
    id: options.id.slice(0, 12),
    start: start.subarray(0, readSync(STDIN, start, 0, START_BYTES, 0)),
  }
}

function misused(state: string, hint: string): OperatorError {
  return new OperatorError(`Cannot collect a file: ${state}`, hint)
}
