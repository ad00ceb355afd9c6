import path from 'node:path'
import { ExecaError } from 'execa'
import { messageOf } from '../crash/errors.ts'

/** Why a program failed: apt says so first, in a line that begins with E:, and others in their last line. */
export function inOneLine(cause: unknown): string {
  if (!(cause instanceof ExecaError)) return messageOf(cause)
  const [program = ''] = cause.command.split(' ')
  const lines = `${cause.stderr}`.trim().split('\n')
  const told = lines.find(line => line.startsWith('E: ')) ?? lines.at(-1)
  return `${path.basename(program)}: ${told || cause.shortMessage}`
}
