import { CutSecret } from './cut-secret.ts'
import { encodedForms } from './encoded-forms.ts'
import { plain } from './plain-text.ts'
import { REDACTED } from './secret-shapes.ts'
import { shownText } from './shown-text.ts'

/** A shorter one may be any word; UTF-8. */
const SHORTEST_BYTES = 8
/** Of a larger one its beginning is looked for. */
const LONGEST_CHARACTERS = 4096
const MOST_SECRETS = 512
/** Of all of them, in each way to write them: four bytes each, and a node has several handlers. */
const MOST_CHARACTERS = 2 << 20
/** A key in several lines stands in a log a line at a time. */
const SHORTEST_LINE = 16
/** Where a text was cut stands the sign for it; who writes more of them spoils a text of their own. */
const [CUT, MOST_CUTS] = ['…', 16]

/**
 * Values that are known to be secret: what leaves a node beside the core is without them. They are found as they
 * are, as UTF-16LE that {@link shownText} has read, as {@link plain} shows them, in base64 and with percent signs,
 * and not where a program has encoded them otherwise.
 */
export class KnownSecrets {
  /** The longest first: one may be a part of another. */
  readonly #values: readonly string[]
  readonly #cut: readonly CutSecret[]

  private constructor(values: readonly string[]) {
    this.#values = values
    this.#cut = values.map(value => new CutSecret(value))
  }

  static readonly NONE = new KnownSecrets([])

  /** Of `values`, what is long enough to be told from other words; whole, and a line each. */
  static of(values: Iterable<string>): KnownSecrets {
    const wholes = [...values].map(value => value.trim())
    // A key has some thirty lines. A bundle of certificates, or a key store, has as many as are known at all.
    const lines = wholes.map(linesOf).toSorted((a, b) => a.length - b.length)
    const long = [...wholes, ...lines.flat()].filter(part => Buffer.byteLength(part) >= SHORTEST_BYTES)
    const known = new Set(long.map(part => part.slice(0, LONGEST_CHARACTERS)))
    const written = new Set(writtenWithin(MOST_CHARACTERS, [...known].slice(0, MOST_SECRETS)))
    return new KnownSecrets([...written].toSorted((a, b) => b.length - a.length))
  }

  /** `text` with a sign in their place, also of those that it was cut within. */
  blank(text: string): string {
    if (this.#values.length === 0) return text
    const blanked = this.#values.reduce((shown, value) => shown.replaceAll(value, REDACTED), text)
    const pieces = blanked.split(CUT)
    return pieces
      .map((piece, at) => (at < MOST_CUTS || at === pieces.length - 1 ? this.#withoutCut(piece) : piece))
      .join(CUT)
  }

  #withoutCut(text: string): string {
    const most = this.#cut.reduce((longest, secret) => Math.max(longest, secret.lengthAtEnd(text)), 0)
    return most < SHORTEST_BYTES ? text : text.slice(0, -most) + REDACTED
  }
}

function linesOf(value: string): readonly string[] {
  const lines = value.split('\n', MOST_SECRETS).map(line => line.trim())
  return lines.length === 1 ? [] : lines.filter(line => line.length >= SHORTEST_LINE)
}

function* writtenWithin(mostCharacters: number, values: readonly string[]): Generator<string> {
  let left = mostCharacters
  for (const value of values) {
    for (const written of waysToWrite(value)) {
      left -= written.length
      if (left < 0) return
      yield written
    }
  }
}

/** A character is shown as ten at the most: `\u{1f600}`. */
const LONGEST_SHOWN = 10

function waysToWrite(value: string): readonly string[] {
  const wide = shownText(Buffer.from(value, 'utf16le'))
  const shown = plain(value, LONGEST_SHOWN * LONGEST_CHARACTERS)
  return [value, shown, wide.replace(/\0$/, ''), ...encodedForms(Buffer.from(value))]
}
