import { passwordOptionsIn } from './password-options.ts'
import type { Label } from './secret-label.ts'
import { isHeader, isSecretName, isSecretOption } from './secret-name.ts'
import { REDACTED, SHAPES, withoutUserInfo } from './secret-shapes.ts'
import { STRUCTURES } from './secret-structures.ts'

// Patterns here, and in the files that are imported here, meet texts that a hostile process chose. None may
// look at a character more often than a fixed number of times: a run is bounded, or begins only where none of
// its kind stands before.

const always = () => true

const LABELS: readonly Label[] = [
  {
    pattern: /(?<![\w.-])([\w.:-]{1,128})["']?(?:\0(?!--)|(?:\\\n|\s){1,8}(?![-=:]))/g,
    isSecret: isSecretOption,
  },
  // At the beginning of an argument: all of it is the value.
  { pattern: /(?<=^|\0)-{0,2}([\w.-]{1,128})[=:]/g, isSecret: isSecretName, value: /[^\0]+/y },
  {
    pattern: /(?<![\w.-])([\w.-]{1,128})["']?\s{0,4}:\s{0,4}/g,
    isSecret: isHeader,
    value: /[^\r\n\0"']+/y,
  },
  ...STRUCTURES,
  {
    pattern: /(?<![\w.-])([\w.-]{1,128})\\?["']?\]?\s{0,4}(?:=>|:=|={1,3}|:|%3[dD])\s{0,4}/g,
    isSecret: isSecretName,
  },
  { pattern: /\bidentified\s{1,4}(?:with\s{1,4}[\w"'-]{1,64}\s{1,4})?by\s{1,4}/gi, isSecret: always },
  // The password of `-u user:password`. Numbers are a user and a group.
  {
    pattern:
      /(?<![^\s\0])--?(?:u|U|user|proxy-user|login)(?:[\s\0]{1,4}|=|)["']?[^\s\0"':%]{0,128}[:%](?!\/\/|\d{1,9}(?:["'\s\0]|$))/g,
    isSecret: always,
    value: /[^\s\0"']+/y,
  },
  // `-p` with more than letters behind it: no word that is written with one dash has a digit or a sign.
  {
    pattern: /(?<![^\s\0])-p(?![\d:.]{1,32}(?:["'\s\0]|$))(?=[^\s\0"'-])(?=[^\s\0]{0,128}[^a-zA-Z\s\0])/g,
    isSecret: always,
  },
]

/**
 * A command line, its arguments divided by `\0` as in /proc, with the values that look like secrets replaced:
 * `--password=x`, `--password x`, `DB_TOKEN=x`, `{"secret":"x"}`, `https://user:x@host`, `mysql -px`, and
 * values with a well-known shape. What stands within one argument, as after `sh -c`, counts as if it were a
 * command line. It errs on the side of replacing.
 */
export function redactCommandLine(text: string): string {
  const shaped = SHAPES.reduce((shown, [pattern, by]) => shown.replace(pattern, by), text)
  const bare = shaped.replace(/[^\s\0"']+/g, withoutUserInfo)
  return [...LABELS, ...passwordOptionsIn(bare)].reduce(hideBehind, bare)
}

function hideBehind(text: string, { pattern, isSecret, value }: Label): string {
  let shown = ''
  let at = 0
  for (const { 0: label, 1: name = '', index } of text.matchAll(pattern)) {
    // It stands in what was hidden already.
    if (index < at || !isSecret(name)) continue
    const begin = index + label.length
    const end = value === undefined ? endOfValue(text, index, begin) : endOf(value, text, begin)
    if (end === begin) continue
    shown += text.slice(at, begin) + REDACTED
    at = end
  }
  return shown + text.slice(at)
}

// A comma or the like ends a value only where another pair follows. A quotation mark within a word, as in
// `pa"ss"word`, ends none.
const WORD = /(?:[^\s\0"',;&]|[,;&](?![\w.-]{1,64}=)|["'](?=\w))+/y
const QUOTED =
  /"""(?:[^"\0]|"(?!""))*(?:""")?|'''(?:[^'\0]|'(?!''))*(?:''')?|"(?:[^"\\\0]|\\.)*"?|'[^'\0]*'?|`[^`\0]*`?|\$\([^)\0]*\)?|\[[^\]\0]*\]?|\{[^}\0]*\}?|\\"(?:[^\\\0]|\\[^"\0])*(?:\\")?/y
const ARGUMENT = /[^\0]+/y
const TO_QUOTE: Readonly<Record<string, RegExp>> = { '"': /[^"\0]*(?=")/y, "'": /[^'\0]*(?=')/y }

/**
 * Behind a quotation mark the value ends with the next one, at the beginning of an argument with that. So it does where
 * the mark stands before its name: `'--password=two words'`.
 */
function endOfValue(text: string, labelAt: number, at: number): number {
  if (text[at - 1] === '\0') return endOf(ARGUMENT, text, at)
  const toQuote = TO_QUOTE[text[labelAt - 1] ?? '']
  const longest = Math.max(endOf(QUOTED, text, at), endOf(WORD, text, at))
  const isOpen = toQuote !== undefined && !text.slice(labelAt, at).includes(text[labelAt - 1] ?? '')
  return isOpen ? Math.max(longest, endOf(toQuote, text, at)) : longest
}

function endOf(value: RegExp, text: string, at: number): number {
  value.lastIndex = at
  return at + (value.exec(text)?.[0].length ?? 0)
}
