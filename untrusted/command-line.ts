import { KnownSecrets } from './known-secrets.ts'
import { redactCommandLine } from './redact.ts'

/** What is read of a command line; the kernel allows megabytes. */
export const LONGEST_COMMAND_LINE_BYTES = 32 * 1024

// More than a person reads. What was cut off ends with the sign for it.
const MOST_ARGUMENTS = 512
const LONGEST_ARGUMENT = 4096
const CUT = '…'

/**
 * The arguments of a process as they may be shown, from its text in /proc, without `secrets`. Work for a
 * processor: not while the process is held.
 */
export function shownArguments(commandLine: string, secrets = KnownSecrets.NONE): readonly string[] {
  // All at once: in UTF-16LE each character of a secret is an argument.
  const all = secrets.blank(commandLine).replace(/\0$/, '').split('\0')
  const isWhole = Buffer.byteLength(commandLine) < LONGEST_COMMAND_LINE_BYTES || commandLine.endsWith('\0')
  const bounded = all.slice(0, MOST_ARGUMENTS).map((argument, index) => {
    const isCut = argument.length > LONGEST_ARGUMENT || (!isWhole && index === all.length - 1)
    return isCut ? withoutLastWord(argument.slice(0, LONGEST_ARGUMENT)) : argument
  })
  if (all.length > MOST_ARGUMENTS) bounded.push(CUT)
  return redactCommandLine(bounded.join('\0')).split('\0')
}

const ENDS_WORD = new Set(' \t\n,;:|&="\'')

/** Half a secret has no shape any more by which it could be told. */
function withoutLastWord(argument: string): string {
  let end = argument.length
  while (end > 0 && !ENDS_WORD.has(argument[end - 1] ?? '')) end -= 1
  return argument.slice(0, end) + CUT
}
