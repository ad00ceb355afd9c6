import path from 'node:path'
import { Readable } from 'node:stream'
import { TimeLimit } from '../../../time/time-limit.ts'
import { plain } from '../../../untrusted/plain-text.ts'
import { CliError, EXIT } from '../../exit.ts'
import { sysrootPath } from '../sysroot-path.ts'
import type { FolderContents } from './checksums.ts'
import { CRASH_FOLDER, CRASHED_PID } from './debug-job.ts'
import type { Ended, Exec } from './exec.ts'
import { execFailed } from './kubectl.ts'

const ANSWER_SECONDS = 60
/** Of nothing moving, or of what is on its way being written. */
const SILENT_SECONDS = 120
/** Of a slow disk. */
const HASHED_BYTES_PER_SECOND = 20 << 20

/** What is done in the pod before the debugger has the terminal. */
export class DebuggedPod {
  readonly #exec: Pick<Exec, 'run'>
  readonly #namespace: string
  readonly #signal: AbortSignal

  constructor(exec: Pick<Exec, 'run'>, namespace: string, signal: AbortSignal) {
    this.#exec = exec
    this.#namespace = namespace
    this.#signal = signal
  }

  /** Those of the programs that its image does not have. */
  async lacking(programs: readonly string[]): Promise<readonly string[]> {
    const script = 'for name in "$@"; do command -v "$name" >/dev/null || echo "$name"; done'
    const ended = await this.#answer(['sh', '-c', script, 'sh', ...programs])
    if (ended.exitCode !== 0) throw this.#failed('run a program in the debug pod', ended)
    return programs.filter(program => ended.out.split('\n').includes(program))
  }

  /** Unpacks what {@link packed} gives. `start` is called with what is to be called whenever something moves. */
  async copy(start: (moving: () => void) => Promise<Readable>): Promise<void> {
    const ended = await this.#within(SILENT_SECONDS, async limit => {
      const archive = await start(() => limit.renew())
      return this.#exec.run(['tar', '-C', CRASH_FOLDER, '-xzf', '-'], limit.signal, archive)
    })
    if (ended.exitCode !== 0) throw this.#failed('copy the core into the debug pod', ended)
  }

  /** Compares what arrived with what was sent. */
  async verify(checksums: string, { sizeBytes }: FolderContents): Promise<void> {
    const command = ['sh', '-c', `cd ${CRASH_FOLDER} && sha256sum -c - >/dev/null`]
    const input = Readable.from([Buffer.from(checksums)])
    const seconds = ANSWER_SECONDS + sizeBytes / HASHED_BYTES_PER_SECOND
    const ended = await this.#within(seconds, ({ signal }) => this.#exec.run(command, signal, input))
    if (/did NOT match/.test(ended.said)) throw notTheSame(ended)
    if (ended.exitCode !== 0) throw this.#failed('compare what arrived in the debug pod', ended)
  }

  /** Where the files of the crashed image are; `null`: it has no shell to run, or is not there. */
  async crashedRoot(): Promise<string | null> {
    const script = `root=/proc/$(cat ${CRASHED_PID})/root && ls "$root/" >/dev/null && echo "$root"`
    const { out } = await this.#answer(['sh', '-c', script])
    const root = out.trim()
    return /^\/proc\/\d{1,10}\/root$/.test(root) ? root : null
  }

  /** Where the program is below that root; `null`: it is not there to be read. */
  async programIn(root: string, executable: string | undefined): Promise<string | null> {
    const below = executable === undefined ? null : sysrootPath(executable)
    if (below === null) return null
    const file = path.posix.join(root, below)
    const { exitCode } = await this.#answer(['sh', '-c', 'test -r "$1"', 'sh', file])
    return exitCode === 0 ? file : null
  }

  async #answer(command: readonly string[]): Promise<Ended> {
    return await this.#within(ANSWER_SECONDS, ({ signal }) => this.#exec.run(command, signal))
  }

  async #within(seconds: number, work: (limit: TimeLimit) => Promise<Ended>): Promise<Ended> {
    using limit = new TimeLimit(seconds * 1000, this.#signal)
    try {
      return await work(limit)
    } catch (error) {
      this.#signal.throwIfAborted()
      throw limit.signal.aborted ? tooSlow(seconds) : error
    }
  }

  #failed(what: string, ended: Ended): CliError {
    return execFailed(what, ended, this.#namespace)
  }
}

function tooSlow(seconds: number): CliError {
  return new CliError(
    EXIT.error,
    `The debug pod is silent for ${Math.ceil(seconds)} s`,
    'Run the same command again: nothing is fetched twice. If it is so each time, look whether `kubectl exec` gets into other pods of that node.',
  )
}

function notTheSame({ said }: Ended): CliError {
  const why = said.trim() === '' ? 'their sha256 are others' : plain(said.trim())
  return new CliError(
    EXIT.error,
    `What arrived in the debug pod is not what was sent: ${why}`,
    'Try again. If it is so each time, something between here and the node changes it.',
  )
}
