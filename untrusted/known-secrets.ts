import { CutSecret } from './cut-secret.ts'
import { isSecretName } from './secret-name.ts'
import { REDACTED } from './secret-shapes.ts'

/** A shorter one may be any word; UTF-8. */
const SHORTEST_BYTES = 8
/** Of a larger one its beginning is looked for. */
const LONGEST_CHARACTERS = 4096
const MOST_SECRETS = 512
/** A key in several lines stands in a log a line at a time. */
const SHORTEST_LINE = 16

/**
 * Values that are known to be secret: what leaves a node beside the core is without them. They are found as they
 * are, and not where a program has encoded them.
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
    const known = new Set<string>()
    for (const value of values) {
      if (known.size >= MOST_SECRETS) break
      for (const part of partsOf(value)) known.add(part.slice(0, LONGEST_CHARACTERS))
    }
    return new KnownSecrets([...known].slice(0, MOST_SECRETS).toSorted((a, b) => b.length - a.length))
  }

  /** `text` with a sign in their place, also of one that its end cuts short. */
  blank(text: string): string {
    const blanked = this.#values.reduce((shown, value) => shown.replaceAll(value, REDACTED), text)
    const most = Math.max(0, ...this.#cut.map(secret => secret.lengthAtEnd(blanked)))
    return most < SHORTEST_BYTES ? blanked : blanked.slice(0, -most) + REDACTED
  }
}

/** The values of variables whose names say that they are secret, of proc_pid_environ(5). */
export function* secretsInEnvironment(environment: string): Generator<string> {
  for (const variable of environment.split('\0', MOST_VARIABLES)) {
    const at = variable.indexOf('=')
    const [name, value] = [variable.slice(0, at), variable.slice(at + 1)]
    if (at > 0 && at <= LONGEST_NAME && isSecretName(name) && !FOLDERS.has(name)) yield value
    else yield* passwordsIn(value)
  }
}

const LONGEST_NAME = 256
/** Of a shell: pwd is a password elsewhere. */
const FOLDERS: ReadonlySet<string> = new Set(['PWD', 'OLDPWD'])
const MOST_VARIABLES = 4096
/** `postgres://user:password@host/db`. */
const USER_INFO = /:\/\/[^\s:@/]{0,128}:([^\s@/]{8,256})@/g

function* passwordsIn(value: string): Generator<string> {
  for (const [, password = ''] of value.matchAll(USER_INFO)) {
    yield password
    if (password.includes('%')) yield decoded(password)
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function partsOf(value: string): readonly string[] {
  const whole = value.trim()
  const lines = whole.split('\n').map(line => line.trim())
  const parts = lines.length === 1 ? [] : lines.filter(line => line.length >= SHORTEST_LINE)
  return [whole, ...parts].filter(part => Buffer.byteLength(part) >= SHORTEST_BYTES)
}
