import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { eventually } from './eventually.ts'
import { compile } from './images.ts'

/** How a handler that the kernel started came to its end, by the witness beside it. */
export interface End {
  /** 0 to 255; 128 + n: of signal n. */
  readonly status: number
  /** The most memory that the handler had resident. */
  readonly peakBytes: number
  readonly seconds: number
}

/** What the installer writes into core_pattern, after the handler's path. */
export const ALL_ARGUMENTS = '%P %e %t %s %I %d %c %F'

/** A handler installed in a workspace: its program, configuration, log, state, and a witness of its ends. */
export class HandlerOnNode {
  readonly #dir: string

  private constructor(dir: string) {
    this.#dir = dir
  }

  /** `program` takes `--config=FILE` and the kernel's arguments, and the core on stdin. */
  static async install(dir: string, program: string): Promise<HandlerOnNode> {
    symlinkSync(path.resolve(program), path.join(dir, 'h'))
    await compile(path.join(import.meta.dirname, 'witness.c'), path.join(dir, 'w'))
    mkdirSync(path.join(dir, 'state'), { mode: 0o700 })
    mkdirSync(path.join(dir, 'run'), { mode: 0o700 })
    return new HandlerOnNode(dir)
  }

  /** A core_pattern that starts the handler under its witness. */
  witnessed(kernelArguments = ALL_ARGUMENTS): string {
    return `|${this.#dir}/w ${this.#dir}/h --config=${this.configFile} ${kernelArguments}`
  }

  /** A core_pattern as on a real node: no parent sees the handler's end. */
  plain(kernelArguments = ALL_ARGUMENTS): string {
    return `|${this.#dir}/h --config=${this.configFile} ${kernelArguments}`
  }

  get configFile(): string {
    return path.join(this.#dir, 'c')
  }

  /** Where the handler keeps its state, and finds what the installer found on the node. */
  get stateDir(): string {
    return path.join(this.#dir, 'state')
  }

  get runDir(): string {
    return path.join(this.#dir, 'run')
  }

  /** Sets the configuration of the handlers started from now on. JSON is YAML too. */
  configure(settings: object): void {
    const paths = { log: `${this.#dir}/handler.log`, state: this.stateDir, run: this.runDir }
    writeFileSync(this.configFile, JSON.stringify({ paths, ...settings }, null, 2), { mode: 0o600 })
  }

  /** Resolves when the handler of the crash of process `pid` has ended. Needs {@link witnessed}. */
  async end(pid: number): Promise<End> {
    const what = `the end of the handler of process ${pid}`
    return await eventually(what, 120, () => {
      const line = linesOf(path.join(this.#dir, 'ended')).find(line => line.startsWith(`${pid} `))
      if (line === undefined) return undefined
      const [, status, kibibytes, milliseconds] = line.split(' ').map(Number) as [
        number,
        number,
        number,
        number,
      ]
      return { status, peakBytes: kibibytes * 1024, seconds: milliseconds / 1000 }
    })
  }

  /** The handler's log, a record a line. */
  log(): readonly LogRecord[] {
    return linesOf(path.join(this.#dir, 'handler.log')).map(line => JSON.parse(line) as LogRecord)
  }

  /** Resolves with the first log record that `matches`. */
  async logged(what: string, matches: (record: LogRecord) => boolean): Promise<LogRecord> {
    return await eventually(`"${what}" in the handler's log`, 60, () => this.log().find(matches))
  }
}

export interface LogRecord {
  readonly msg: string
  readonly [field: string]: unknown
}

/** The last line may be half written. */
function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
}
