import {
  closeSync,
  constants,
  ftruncateSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { isStillRunning, parseProcStat } from '../../crash/proc-stat.ts'
import { codeOf } from '../../crash/system-error.ts'
import { OwnFolder } from './own-folder.ts'

/** What another handler claims. */
export interface Claim {
  readonly name: string
  readonly tokens: number
}

const NAME = /^(\d{1,16})-(\d{1,8})$/
const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants

/**
 * The claims of the handlers of a node, in a folder that only root can write to: for each process an empty file of its
 * own, `<start ticks>-<pid>`, as long as it has tokens. The length of a file can be changed and read at once, and its
 * name stays: a name that changes while another process lists the folder may be missed under both.
 *
 * No {@link Lifeline}, which the kernel takes back with its process: to make and to ask one takes turns of an event
 * loop that is busy reading. So a claim outlives a handler that was killed, until another one needs its tokens.
 */
export class ClaimFolder implements Disposable {
  readonly #folder: OwnFolder
  readonly #name: string
  #fd: number | null = null

  private constructor(folder: OwnFolder, name: string) {
    this.#folder = folder
    this.#name = name
  }

  /** As {@link OwnFolder.open}. */
  static open(folder: string): ClaimFolder {
    const stat = parseProcStat(readFileSync('/proc/self/stat', 'utf8'))
    if (stat === null) throw new Error('Cannot read "/proc/self/stat": it is not as proc_pid_stat(5) says')
    return new ClaimFolder(OwnFolder.open(folder), `${stat.startTicks}-${stat.pid}`)
  }

  /** That this process has so many, for all to see. */
  claim(tokens: number): void {
    if (tokens === 0) this.#drop()
    else ftruncateSync(this.#open(), tokens)
  }

  others(): readonly Claim[] {
    return readdirSync(this.#folder.at('.'))
      .filter(name => name !== this.#name && NAME.test(name))
      .map(name => ({ name, tokens: this.#tokensOf(name) }))
      .filter(({ tokens }) => tokens > 0)
  }

  /** Those of `claims` whose handlers live. The files of the others are removed: no process will have that name. */
  living(claims: readonly Claim[]): readonly Claim[] {
    return claims.filter(({ name }) => {
      if (isAlive(name)) return true
      rmSync(this.#folder.at(name), { force: true })
      return false
    })
  }

  /** A claim is another matter. */
  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]()
  }

  #open(): number {
    this.#fd ??= openSync(this.#folder.at(this.#name), O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
    return this.#fd
  }

  #drop(): void {
    if (this.#fd === null) return
    rmSync(this.#folder.at(this.#name), { force: true })
    closeSync(this.#fd)
    this.#fd = null
  }

  #tokensOf(name: string): number {
    const stats = lstatSync(this.#folder.at(name), { throwIfNoEntry: false })
    return stats?.isFile() ? stats.size : 0
  }
}

/** Whether that very process still has memory; a zombie has none. */
function isAlive(name: string): boolean {
  const [, startTicks, pid] = NAME.exec(name) ?? []
  try {
    return isStillRunning(readFileSync(`/proc/${pid}/stat`, 'utf8'), Number(startTicks))
  } catch (cause) {
    return !GONE.has(codeOf(cause))
  }
}

const GONE = new Set(['ENOENT', 'ESRCH'])
