/**
 * Whether it matches at a place, and what follows behind it, `next`, does: tried in the order of a
 * backtracking engine, as V8's is.
 */
type Matcher = ((at: number, next: (at: number) => boolean) => boolean) & {
  /** It is one character. */
  readonly one?: (at: number) => boolean
}

interface Run {
  readonly text: string
  steps: number
}

/**
 * How often a backtracking engine looks at a character when `pattern` is tried on `text` from `lastIndex` on:
 * at each place until it matches, or at that place only if it is sticky. What an engine skips by cleverness
 * counts.
 */
export function stepsOf(pattern: RegExp, text: string, lastIndex: number): number {
  const run: Run = { text, steps: 0 }
  const matcher = new Parser(pattern, run).parse()
  const last = pattern.sticky ? lastIndex : text.length
  for (let at = lastIndex; at <= last; at += 1) if (matcher(at, () => true)) break
  return run.steps
}

/** Of regular expressions what we write: no backreferences, no flags but g, i and y. */
class Parser {
  readonly #source: string
  readonly #ignoresCase: boolean
  readonly #run: Run
  #at = 0

  constructor({ source, ignoreCase }: RegExp, run: Run) {
    this.#source = source
    this.#ignoresCase = ignoreCase
    this.#run = run
  }

  parse(): Matcher {
    const matcher = this.#alternatives()
    if (this.#at < this.#source.length) throw new Error(`cannot count ${this.#source} at ${this.#at}`)
    return matcher
  }

  #alternatives(): Matcher {
    const all = [this.#sequence()]
    while (this.#eat('|')) all.push(this.#sequence())
    return all.length === 1 && all[0] !== undefined
      ? all[0]
      : (at, next) => all.some(matcher => matcher(at, next))
  }

  #sequence(): Matcher {
    const parts: Matcher[] = []
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] ?? ''))
      parts.push(this.#repeated())
    return parts.reduceRight<Matcher>(
      (rest, part) => (at, next) => part(at, end => rest(end, next)),
      (at, next) => next(at),
    )
  }

  #repeated(): Matcher {
    const atom = this.#atom()
    const [whole = '', from, to] = /^(?:[*+?]|\{(\d+)(?:,(\d*))?\})/.exec(this.#source.slice(this.#at)) ?? []
    if (whole === '') return atom
    this.#at += whole.length
    if (this.#source[this.#at] === '?') throw new Error('a lazy quantifier is not counted')
    if (whole[0] !== '{')
      return repeat(atom, whole === '+' ? 1 : 0, whole === '?' ? 1 : Number.POSITIVE_INFINITY)
    const least = Number(from)
    return repeat(atom, least, whole.includes(',') ? Number(to || Number.POSITIVE_INFINITY) : least)
  }

  #atom(): Matcher {
    if (this.#eat('(?=')) return this.#ahead(true)
    if (this.#eat('(?!')) return this.#ahead(false)
    if (this.#eat('(?<=')) return this.#behind(true)
    if (this.#eat('(?<!')) return this.#behind(false)
    if (this.#eat('(?:') || this.#eat('(')) return this.#closed()
    if (this.#eat('^')) return (at, next) => at === 0 && next(at)
    if (this.#eat('$')) return (at, next) => at === this.#run.text.length && next(at)
    if (this.#eat('\\b')) return (at, next) => this.#isWord(at - 1) !== this.#isWord(at) && next(at)
    const character = this.#oneCharacter()
    const one = (at: number) => this.#matches(character, at)
    const matcher: Matcher = (at, next) => one(at) && next(at + 1)
    return Object.assign(matcher, { one })
  }

  #closed(): Matcher {
    const inner = this.#alternatives()
    if (!this.#eat(')')) throw new Error(`no end of a group in ${this.#source}`)
    return inner
  }

  #ahead(wanted: boolean): Matcher {
    const inner = this.#closed()
    return (at, next) => inner(at, () => true) === wanted && next(at)
  }

  #behind(wanted: boolean): Matcher {
    const inner = this.#closed()
    const endsAt = (at: number) => {
      for (let from = at; from >= 0 && from > at - 64; from -= 1)
        if (inner(from, end => end === at)) return true
      return false
    }
    return (at, next) => endsAt(at) === wanted && next(at)
  }

  /** A class or one character, as JavaScript itself understands it. */
  #oneCharacter(): RegExp {
    const [text = ''] = /^(?:\[(?:[^\]\\]|\\.)*\]|\\.|[^\\])/s.exec(this.#source.slice(this.#at)) ?? []
    this.#at += text.length
    return new RegExp(`^${text}$`, this.#ignoresCase ? 'i' : '')
  }

  #matches(character: RegExp, at: number): boolean {
    this.#run.steps += 1
    return at >= 0 && at < this.#run.text.length && testNatively(character, this.#run.text[at] ?? '')
  }

  #isWord(at: number): boolean {
    this.#run.steps += 1
    return testNatively(/\w/, this.#run.text[at] ?? '')
  }

  #eat(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }
}

const exec = RegExp.prototype.exec

/** Also while a test counts. */
function testNatively(pattern: RegExp, text: string): boolean {
  return exec.call(pattern, text) !== null
}

function repeat(atom: Matcher, least: number, most: number): Matcher {
  const { one } = atom
  if (one !== undefined) return (at, next) => runOf(one, at, least, most, next)
  const from =
    (count: number): Matcher =>
    (at, next) => {
      const again = () => count < most && atom(at, end => end > at && from(count + 1)(end, next))
      return again() || (count >= least && next(at))
    }
  return from(0)
}

/** As far as it goes, and then back, a character at a time; without a call for each. */
function runOf(
  one: (at: number) => boolean,
  at: number,
  least: number,
  most: number,
  next: (at: number) => boolean,
): boolean {
  let count = 0
  while (count < most && one(at + count)) count += 1
  for (; count >= least; count -= 1) if (next(at + count)) return true
  return false
}

/** How often characters are looked at by all regular expressions that `work` uses. */
export function countSteps(work: () => void): number {
  let steps = 0
  RegExp.prototype.exec = function (this: RegExp, text: string) {
    // What is asked meanwhile, by the count itself, does not count.
    RegExp.prototype.exec = exec
    steps += stepsOf(this, String(text), this.global || this.sticky ? this.lastIndex : 0)
    RegExp.prototype.exec = counting
    return exec.call(this, text)
  }
  const counting = RegExp.prototype.exec
  try {
    work()
    return steps
  } finally {
    RegExp.prototype.exec = exec
  }
}
