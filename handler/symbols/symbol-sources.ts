import type { Logger } from 'pino'
import { OperatorError, reasonOf } from '../../crash/errors.ts'
import { Room } from '../../crash/image/room.ts'
import type { CrashReport, ReportSymbols } from '../../crash/report.ts'
import { Abortion } from '../../time/abortion.ts'
import { Deadline } from '../../time/deadline.ts'
import { backBefore } from '../../time/left-behind.ts'
import { nameInThread } from '../why/name-in-thread.ts'
import { type FetchedFile, fetchedFile } from './fetched-file.ts'
import { type Names, namedReport } from './named-report.ts'
import type { SymbolSource } from './symbol-source.ts'
import { type UnnamedCode, unnamedCode } from './unnamed-code.ts'

/** People wait for the message: all of it, and what of that the sources may take. */
const SECONDS = { all: 2, asking: 1.5 }
/** Of all files of a crash. */
const ROOM_BYTES = 128 << 20

/** A file that a source has, of the build that it was asked for or of another one. */
interface Found {
  readonly buildId: string
  readonly source: SymbolSource
  readonly file: FetchedFile
}

interface Around {
  /** Where there is room for what comes; it needs no name there. */
  readonly folder: string
  readonly log: Logger
  readonly name?: typeof nameInThread
  readonly seconds?: typeof SECONDS
}

/** Names for the code of stripped programs, from those who keep them. */
export class SymbolSources {
  readonly #sources: readonly SymbolSource[]
  readonly #around: Around

  /** Each build is asked for in the order of `sources`. */
  constructor(sources: readonly SymbolSource[], around: Around) {
    this.#sources = sources
    this.#around = around
  }

  /**
   * `report`, with names for what has none, as far as they are there within two seconds. Not to be called while the
   * process is held. Never rejects.
   */
  async named(report: CrashReport): Promise<CrashReport> {
    const code = unnamedCode(report)
    if (this.#sources.length === 0 || code.size === 0) return report
    const begunAt = performance.now()
    using limit = new Deadline((this.#around.seconds ?? SECONDS).all)
    const found = await this.#findAll([...code.keys()])
    const names = found.length === 0 ? new Map() : await this.#namesIn(found, code, limit)
    const symbolsSeconds = Math.round(performance.now() - begunAt) / 1000
    const symbols = found.filter(({ buildId }) => (names.get(buildId)?.size ?? 0) > 0).map(shown)
    return {
      ...(symbols.length > 0 ? namedReport(report, names) : report),
      ...(symbols.length > 0 && { symbols }),
      timing: { ...report.timing, symbolsSeconds },
    }
  }

  async #findAll(buildIds: readonly string[]): Promise<readonly Found[]> {
    const asking = new Asking(this.#around)
    try {
      const found = await Promise.all(buildIds.map(buildId => asking.find(buildId, this.#sources)))
      return found.filter(one => one !== null)
    } finally {
      // Not waited for: what is under way has ended by then.
      for (const source of this.#sources) void source.end().catch(() => undefined)
    }
  }

  async #namesIn(found: readonly Found[], code: UnnamedCode, limit: Deadline): Promise<Names> {
    const { log, name = nameInThread } = this.#around
    const asked = found.map(({ buildId, file: { handle, sizeBytes } }) => {
      return { buildId, fd: handle.fd, sizeBytes, addresses: [...(code.get(buildId) ?? [])] }
    })
    const { told, trouble, ended } = await name(asked, limit.passed)
    // Not before: a number that is free goes to the next file that is opened.
    void ended.then(() => Promise.allSettled(found.map(({ file }) => file.handle.close())))
    if (trouble !== null) log.warn({ reason: trouble }, 'symbols not read')
    const others = found.filter(({ buildId }) =>
      told.some(one => one.buildId === buildId && one.names === null),
    )
    for (const other of others)
      log.warn({ ...shown(other), hint: OTHER_BUILD }, 'symbols of another build not used')
    return new Map(told.flatMap(({ buildId, names }) => (names === null ? [] : [[buildId, names] as const])))
  }
}

const OTHER_BUILD = 'The file there has another build id than its place says: look who writes there.'

function shown({ buildId, source }: Found): ReportSymbols {
  return { buildId, ...source.placeOf(buildId) }
}

/** The questions about one crash. */
class Asking {
  readonly #around: Around
  readonly #room = new Room(ROOM_BYTES)
  readonly #endsAt: number
  readonly #failed = new Set<SymbolSource>()

  constructor(around: Around) {
    this.#around = around
    this.#endsAt = performance.now() + (around.seconds ?? SECONDS).asking * 1000
  }

  /** Never rejects. Each source has an equal share of the time that is left: behind one that hangs comes the next. */
  async find(buildId: string, sources: readonly SymbolSource[]): Promise<Found | null> {
    for (const [index, source] of sources.entries()) {
      const milliseconds = (this.#endsAt - performance.now()) / (sources.length - index)
      try {
        const file = await this.#ask(buildId, source, Math.max(milliseconds, 0))
        if (file !== null) return { buildId, source, file }
      } catch (cause) {
        this.#note(source, cause)
      }
    }
    return null
  }

  async #ask(buildId: string, source: SymbolSource, milliseconds: number): Promise<FetchedFile | null> {
    const over = new AbortController()
    using abortion = new Abortion(over.signal)
    const timer = setTimeout(() => over.abort(TOO_LATE), milliseconds)
    try {
      return await backBefore(this.#fetch(buildId, source, over.signal), abortion.happened)
    } catch (cause) {
      // A body that nobody reads has a connection, or a file open.
      over.abort(cause)
      throw cause
    } finally {
      clearTimeout(timer)
    }
  }

  async #fetch(buildId: string, source: SymbolSource, signal: AbortSignal): Promise<FetchedFile | null> {
    const body = await source.find(buildId, signal)
    const { folder } = this.#around
    return body === null ? null : await fetchedFile(body, { folder, room: this.#room, signal })
  }

  /** One line for each source. */
  #note(source: SymbolSource, cause: unknown): void {
    if (this.#failed.has(source)) return
    this.#failed.add(source)
    this.#around.log.warn({ source: source.name, ...reasonOf(cause) }, 'symbols not read')
  }
}

const TOO_LATE = new OperatorError(
  'it did not answer in time',
  'A message is not kept waiting for names. Look at the server, and at the network of the node.',
)
