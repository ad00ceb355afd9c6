import { writeSync } from 'node:fs'
import { showInvisible } from '../untrusted/invisible.ts'

/** A log's lines of JSON as lines for a person at a terminal. */
export function sentencesTo(fd: number): { write(line: string): void } {
  // Pino's own lines.
  return { write: line => void writeSync(fd, `${sentenceOf(JSON.parse(line) as Entry)}\n`) }
}

type Entry = Readonly<Record<string, unknown>>

const WARNING_LEVEL = 40
const ERROR_LEVEL = 50

/** `handler placed: /usr/local/bin/coredog-handler`; of several values each has its name. */
export function sentenceOf({ level, time: _, msg, ...details }: Entry): string {
  const leaves = leavesOf(details)
  const said = leaves.map(([name, value]) => (leaves.length === 1 ? value : `${name} ${value}`)).join(', ')
  return printable(`${severity(Number(level))}${msg}${said === '' ? '' : `: ${said}`}`)
}

function severity(level: number): string {
  if (level >= ERROR_LEVEL) return 'ERROR: '
  return level >= WARNING_LEVEL ? 'WARNING: ' : ''
}

function leavesOf(details: Entry): readonly (readonly [string, string])[] {
  return Object.entries(details).flatMap(([name, value]) => {
    if (name === 'err') return [[name, String((value as { message?: unknown } | null)?.message)] as const]
    if (typeof value !== 'object' || value === null) return [[name, String(value)] as const]
    return Array.isArray(value) ? [[name, value.join(', ')] as const] : leavesOf(value as Entry)
  })
}

/** The program that wrote core_pattern before us chose its text: it moves no cursor. */
function printable(text: string): string {
  return showInvisible(text, '?')
}
