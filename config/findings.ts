import { OperatorError } from '../crash/errors.ts'

/** What was found odd, and did not keep the configuration from being used. */
export interface ConfigWarning {
  readonly file: string
  /** Counted from 1; `null` when it is about something that is not there. */
  readonly line: number | null
  /** Full path: `StorageConfig.S3Bucket`, `NoticeChannel[0].chan`. */
  readonly key: string
  /** File, line and all, for a person. Shows no secret. */
  readonly message: string
}

/** Where something was written. */
export interface Place {
  readonly file: string
  readonly line: number | null
  readonly column?: number
}

interface Problem {
  readonly place: Place
  readonly key: string
  readonly state: string
  readonly hint: string
}

// Installer, webhook and self-test show each of them.
const MOST_WARNINGS = 20

/**
 * All that is found while one configuration is parsed, and where each of its keys was written. Problems are
 * gathered first and thrown by {@link throwFirst}, because the one to tell is the first in the file.
 */
export class Findings {
  readonly #files: readonly string[]
  readonly #places = new Map<string, Place>()
  readonly #meant = new Map<string, string>()
  /** The first key of each section that is none of CoreDog. */
  readonly #foreign = new Map<string, string>()
  readonly #problems: Problem[] = []
  readonly #warnings: ConfigWarning[] = []
  #unshown = 0

  /** `files` in the order in which their problems are reported. */
  constructor(files: readonly string[]) {
    this.#files = files
  }

  /** Notes where `key` was written. */
  locate(key: string, place: Place): void {
    this.#places.set(key, place)
  }

  /** `state` follows the key in a sentence: `is not set`. It must not hold a secret. */
  wrong(key: string, state: string, hint: string, place: Place = this.#placeOf(key)): void {
    this.#problems.push({ place, key, state, hint })
  }

  warn(key: string, state: string, place: Place = this.#placeOf(key)): void {
    if (this.#warnings.length >= MOST_WARNINGS) {
      this.#unshown += 1
      return
    }
    const { file, line } = place
    this.#warnings.push({ file, line, key, message: `${pointTo(place)}: ${sentence(key, state)}` })
  }

  /** Notes that `written`, which was ignored, was probably meant to be `key`. */
  suspect(key: string, written: string): void {
    this.#meant.set(key, written)
  }

  /** Notes that `written`, a key in the section `path`, is none of CoreDog: it may stand for one that is not set. */
  foreign(path: string, written: string): void {
    if (!this.#foreign.has(path)) this.#foreign.set(path, written)
  }

  get warnings(): readonly ConfigWarning[] {
    const sorted = this.#warnings.toSorted((a, b) => this.#rank(a) - this.#rank(b))
    if (this.#unshown === 0) return sorted
    const place = { file: this.#files[0] ?? '', line: null }
    const message = `${pointTo(place)}: there are ${this.#unshown} more warnings`
    return [...sorted, { ...place, key: '', message }]
  }

  throwFirst(): void {
    const [first, ...others] = this.#problems.toSorted((a, b) => this.#rank(a.place) - this.#rank(b.place))
    if (first === undefined) return
    const { place, key, state, hint } = first
    const column = place.column === undefined ? '' : `, column ${place.column}`
    const line = place.line === null ? '' : `line ${place.line}${column}: `
    const more = others.length === 0 ? '' : ` (and ${others.length} more to correct)`
    throw new OperatorError(
      `Cannot use "${place.file}": ${line}${sentence(key, state)}${this.#suspicion(key)}${more}`,
      hint,
    )
  }

  #suspicion(key: string): string {
    const written = this.#meant.get(key)
    if (written !== undefined) return `, but there is "${written}", which is not the same key`
    const foreign = this.#places.has(key) ? undefined : this.#foreign.get(outerPath(key))
    return foreign === undefined ? '' : `; there is "${foreign}", which is not a key of CoreDog`
  }

  /** In the order of the files, and of the lines in each; what is nowhere comes after its file. */
  #rank({ file, line }: Place): number {
    return this.#files.indexOf(file) * 1e9 + (line ?? 1e8)
  }

  /** Where it was written, or else what it would stand in. */
  #placeOf(key: string): Place {
    for (let path = key; path !== ''; path = outerPath(path)) {
      const place = this.#places.get(path)
      if (place !== undefined) return place
    }
    return { file: this.#files[0] ?? '', line: null }
  }
}

/** `NoticeChannel[0].chan`, `NoticeChannel[0]`, `NoticeChannel`, nothing. */
function outerPath(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['), 0))
}

function sentence(key: string, state: string): string {
  return key === '' ? state : `${key} ${state}`
}

function pointTo({ file, line }: Place): string {
  return line === null ? file : `${file}:${line}`
}
