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
  readonly #exec: Exec
  readonly #namespace: string
  readonly #signal: AbortSignal

  constructor(exec: Exec, namespace: string, signal: AbortSignal) {
    this.#exec = exec
    this.#namespace = namespace
    this.#signal = signal
  }

  /** Those of the programs that its image does not have. */
  async lacking(programs: readonly string[]): Promise<readonly string[]> {
    const script = 'for name in "$@"; do command -v "$name" >/dev/null || echo "$name"; done'
    const ended = await this.#run(ANSWER_SECONDS, ['sh', '-c', script, 'sh', ...programs])
    if (ended.exitCode !== 0) throw execFailed('run a program in the debug pod', ended, this.#namespace)
    return programs.filter(program => ended.out.split('\n').includes(program))
  }

  /** Unpacks what {@link packed} gives. `start` is called with what is to be called whenever something moves. */
  async copy(start: (moving: () => void) => Promise<Readable>): Promise<void> {
    using limit = new TimeLimit(SILENT_SECONDS * 1000, this.#signal)
    const archive = await start(() => limit.renew())
    const ended = await this.#exec.run(['tar', '-C', CRASH_FOLDER, '-xzf', '-'], limit.signal, archive)
    if (ended.exitCode !== 0) throw execFailed('copy the core into the debug pod', ended, this.#namespace)
  }

  /** Compares what arrived with what was sent. */
  async verify(checksums: string, { sizeBytes }: FolderContents): Promise<void> {
    const script = `cd ${CRASH_FOLDER} && sha256sum -c - >/dev/null`
    const seconds = ANSWER_SECONDS + sizeBytes / HASHED_BYTES_PER_SECOND
    const ended = await this.#run(seconds, ['sh', '-c', script], Readable.from([Buffer.from(checksums)]))
    if (ended.exitCode !== 0) throw notTheSame(ended)
  }

  /** Where the files of the crashed image are; `null`: it has no shell to run, or is not there. */
  async crashedRoot(): Promise<string | null> {
    const script = `root=/proc/$(cat ${CRASHED_PID})/root && ls "$root/" >/dev/null && echo "$root"`
    const { out } = await this.#run(ANSWER_SECONDS, ['sh', '-c', script])
    const root = out.trim()
    return /^\/proc\/\d{1,10}\/root$/.test(root) ? root : null
  }

  /** Whether a file of a root is there to be read; `null`: it is not. */
  async programIn(root: string, executable: string | undefined): Promise<string | null> {
    const below = executable === undefined ? null : sysrootPath(executable)
    if (below === null) return null
    const file = path.posix.join(root, below)
    const { exitCode } = await this.#run(ANSWER_SECONDS, ['sh', '-c', 'test -r "$1"', 'sh', file])
    return exitCode === 0 ? file : null
  }

  async #run(seconds: number, command: readonly string[], input?: Readable): Promise<Ended> {
    using limit = new TimeLimit(seconds * 1000, this.#signal)
    return await this.#exec.run(command, limit.signal, input)
  }
}

function notTheSame({ said }: Ended): CliError {
  const why = said.trim() === '' ? 'their sha256 are others' : plain(said.trim())
  return new CliError(
    EXIT.error,
    `What arrived in the debug pod is not what was sent: ${why}`,
    'Try again. If it is so each time, something between here and the node changes it.',
  )
}
