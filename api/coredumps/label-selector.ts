import { badRequest } from '../status-error.ts'

export type Labels = Readonly<Record<string, string>>

/** All of them must hold. */
export type LabelSelector = readonly ((labels: Labels) => boolean)[]

/** `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`, as Kubernetes has it. Throws a 400. */
export function parseLabelSelector(text: string): LabelSelector {
  if (text.length > LONGEST_SELECTOR) throw notUnderstood(text, 'it is too long')
  const words = new Words(text)
  const selector: ((labels: Labels) => boolean)[] = []
  while (words.next !== undefined) {
    selector.push(requirement(words, text))
    if (words.next !== undefined) words.expect(',')
  }
  return selector
}

/** A URL has no more. */
const LONGEST_SELECTOR = 8192
const WORD = /\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)/y
const KEY =
  /^(?:(?=.{1,253}\/)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/
const NUMBER = /^-?\d{1,15}$/

class Words {
  readonly #text: string
  readonly #words: readonly string[]
  #at = 0

  constructor(text: string) {
    this.#text = text
    this.#words = wordsOf(text)
  }

  get next(): string | undefined {
    return this.#words[this.#at]
  }

  take(): string | undefined {
    return this.#words[this.#at++]
  }

  /** Whether it was there, and is taken. */
  has(word: string): boolean {
    if (this.next !== word) return false
    this.#at += 1
    return true
  }

  expect(word: string): void {
    if (!this.has(word)) throw notUnderstood(this.#text, `found "${this.next ?? ''}", expected "${word}"`)
  }
}

function wordsOf(text: string): readonly string[] {
  WORD.lastIndex = 0
  const words: string[] = []
  for (let found = WORD.exec(text); found !== null; found = WORD.exec(text)) words.push(found[1] ?? '')
  return words
}

function requirement(words: Words, text: string): (labels: Labels) => boolean {
  if (words.has('!')) {
    const absent = keyIn(words, text)
    return labels => !(absent in labels)
  }
  const key = keyIn(words, text)
  if (words.next === undefined || words.next === ',') return labels => key in labels
  return comparison(key, words, text)
}

function comparison(key: string, words: Words, text: string): (labels: Labels) => boolean {
  const operator = words.take()
  if (operator === '=' || operator === '==') return isOneOf(key, [valueIn(words, text)])
  if (operator === '!=') return isNone(key, [valueIn(words, text)])
  if (operator === 'in') return isOneOf(key, valuesIn(words, text))
  if (operator === 'notin') return isNone(key, valuesIn(words, text))
  if (operator === '>' || operator === '<') return isBeyond(key, operator, valueIn(words, text), text)
  throw notUnderstood(text, `"${operator ?? ''}" is no operator`)
}

function isOneOf(key: string, values: readonly string[]): (labels: Labels) => boolean {
  return labels => key in labels && values.includes(labels[key] ?? '')
}

function isNone(key: string, values: readonly string[]): (labels: Labels) => boolean {
  return labels => !isOneOf(key, values)(labels)
}

function isBeyond(
  key: string,
  operator: '>' | '<',
  value: string,
  text: string,
): (labels: Labels) => boolean {
  if (!NUMBER.test(value)) throw notUnderstood(text, `"${value}" is no whole number`)
  return labels => {
    const label = labels[key] ?? ''
    if (!NUMBER.test(label)) return false
    return operator === '>' ? Number(label) > Number(value) : Number(label) < Number(value)
  }
}

function keyIn(words: Words, text: string): string {
  const key = words.take() ?? ''
  if (KEY.test(key)) return key
  throw notUnderstood(text, `"${key}" is no key of a label`)
}

/** None at all is the empty one. */
function valueIn(words: Words, text: string): string {
  const value = words.next === undefined || DELIMITERS.has(words.next) ? '' : (words.take() ?? '')
  if (VALUE.test(value)) return value
  throw notUnderstood(text, `"${value}" is no value of a label`)
}

const DELIMITERS = new Set([',', ')'])

function valuesIn(words: Words, text: string): readonly string[] {
  words.expect('(')
  const values = [valueIn(words, text)]
  while (words.has(',')) values.push(valueIn(words, text))
  words.expect(')')
  return values
}

function notUnderstood(text: string, why: string): Error {
  return badRequest(`unable to parse label selector "${text.slice(0, 200)}": ${why.slice(0, 200)}`)
}
