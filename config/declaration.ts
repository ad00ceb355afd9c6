import { DURATION_FORM, parseDuration } from './duration.ts'
import { PERCENT_FORM, parsePercent } from './percent.ts'
import { parseSize, SIZE_FORM, SIZE_OR_AUTO_FORM } from './size.ts'

// With these, keys.ts declares what coredog.yaml may say. A default is written as an operator would write it,
// and read by the same function, so the documentation cannot show another one than the parser uses.

/** A key with one value. */
export interface Scalar<T> {
  readonly kind: 'scalar'
  /** What may stand there, in words for a person. */
  readonly allowed: string
  readonly unit: string
  /** As an operator would write it. */
  readonly fallback: string
  readonly meaning: string
  /** Never shown: not in an error, not in a warning. */
  readonly secret: boolean
  /** `undefined`: that is not allowed. */
  readonly read: (text: string) => T | undefined
}

/** A key with a list of texts. */
export interface Texts {
  readonly kind: 'texts'
  readonly allowed: string
  readonly fallback: readonly string[]
  readonly meaning: string
  readonly isAllowed: (text: string) => boolean
}

/** A key under which the operator makes up keys of their own. */
export interface Labels {
  readonly kind: 'labels'
  readonly allowed: string
  readonly meaning: string
}

export interface Section<K extends Keys = Keys> {
  readonly kind: 'section'
  readonly keys: K
}

/** A list of sections of one shape. */
export interface Sections<K extends Keys = Keys> {
  readonly kind: 'sections'
  readonly item: Section<K>
}

export type Declaration = Scalar<unknown> | Texts | Labels | Section | Sections

export interface Keys {
  readonly [key: string]: Declaration
}

/** What reading a declaration gives: everything present, typed, defaults filled in. */
export type ValueOf<D> =
  D extends Scalar<infer T>
    ? T
    : D extends Texts
      ? readonly string[]
      : D extends Labels
        ? Readonly<Record<string, string>>
        : D extends Section<infer K>
          ? { readonly [N in keyof K]: ValueOf<K[N]> }
          : D extends Sections<infer K>
            ? readonly ValueOf<Section<K>>[]
            : never

export function section<K extends Keys>(keys: K): Section<K> {
  return { kind: 'section', keys }
}

export function sections<K extends Keys>(keys: K): Sections<K> {
  return { kind: 'sections', item: section(keys) }
}

export function text(fallback: string, meaning: string): Scalar<string> {
  return scalar('text', fallback, meaning, written => written)
}

/** Text in which spaces and line ends count. */
export function exactText(meaning: string): Scalar<string> {
  return { ...text('', meaning), read: written => written }
}

/** Text that no error and no warning may show. */
export function secretText(meaning: string): Scalar<string> {
  return { ...text('', meaning), secret: true }
}

/** The booleans of YAML 1.1 too: the Go decoder of the original CoreDog took them. */
export function flag(fallback: 'true' | 'false', meaning: string): Scalar<boolean> {
  return scalar('true or false', fallback, meaning, written => {
    if (/^(true|yes|y|on)$/i.test(written)) return true
    return /^(false|no|n|off)$/i.test(written) ? false : undefined
  })
}

export function choice<const C extends string>(
  choices: readonly C[],
  fallback: NoInfer<C>,
  meaning: string,
): Scalar<C> {
  return scalar(choices.join(', '), fallback, meaning, written =>
    choices.find(known => known.toLowerCase() === written.toLowerCase()),
  )
}

export function integer(
  { min, max }: { min: number; max: number },
  fallback: string,
  meaning: string,
): Scalar<number> {
  return scalar(`a whole number from ${min} to ${max}`, fallback, meaning, written => {
    const value = /^\d+$/.test(written) ? Number(written) : Number.NaN
    return value >= min && value <= max ? value : undefined
  })
}

/** Whole seconds, any number: the caller brings what is out of bounds back into them. */
export function anySeconds(allowed: string, fallback: string, meaning: string): Scalar<number> {
  const read = (written: string) => (/^[-+]?\d+$/.test(written) ? Number(written) : undefined)
  return { ...scalar(allowed, fallback, meaning, read), unit: 'seconds' }
}

export function size(fallback: string, meaning: string): Scalar<number> {
  return { ...scalar(SIZE_FORM, fallback, meaning, parseSize), unit: 'bytes' }
}

/** A size, or `auto`: each node finds one. */
export function sizeOrAuto(fallback: string, meaning: string): Scalar<number | 'auto'> {
  const read = (written: string) => (/^auto$/i.test(written) ? 'auto' : parseSize(written))
  return { ...scalar(SIZE_OR_AUTO_FORM, fallback, meaning, read), unit: 'bytes' }
}

export function duration(fallback: string, meaning: string): Scalar<number> {
  return { ...scalar(DURATION_FORM, fallback, meaning, parseDuration), unit: 'seconds' }
}

export function percent(fallback: string, meaning: string): Scalar<number> {
  return { ...scalar(PERCENT_FORM, fallback, meaning, parsePercent), unit: '%' }
}

/**
 * A path from `/` on, without slashes at its end. The handler's working directory is `/`: no other path is
 * safe.
 */
export function absolutePath(fallback: string, meaning: string): Scalar<string> {
  return scalar('a path that begins with /', fallback, meaning, readPath)
}

export function texts(
  allowed: string,
  isAllowed: (text: string) => boolean,
  fallback: readonly string[],
  meaning: string,
): Texts {
  return { kind: 'texts', allowed, fallback, meaning, isAllowed }
}

export function labels(meaning: string): Labels {
  return { kind: 'labels', allowed: 'keys of your own, each with a text', meaning }
}

function readPath(written: string): string | undefined {
  if (written === '') return ''
  if (!written.startsWith('/') || written.includes('\0')) return undefined
  let path = written
  while (path.length > 1 && path.endsWith('/')) path = path.slice(0, -1)
  return path
}

function scalar<T>(
  allowed: string,
  fallback: string,
  meaning: string,
  read: (text: string) => T | undefined,
): Scalar<T> {
  const readTrimmed = (written: string) => read(written.trim())
  return { kind: 'scalar', allowed, unit: '', fallback, meaning, secret: false, read: readTrimmed }
}
