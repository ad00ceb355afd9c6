import { OperatorError } from '../crash/errors.ts'
import { fieldsIn, fieldsOf } from '../crash/fields.ts'

/**
 * Of what lies on a node, until a format changes so that a reader of the one before would take it for
 * something else: then that format gets the next number. Fields and lines are added without.
 */
export const FORMAT_VERSION = 1

/** The first line of a file that has lines, and is no JSON. */
export const VERSION_LINE = `version ${FORMAT_VERSION}\n`

/** What a log says of a file that its reader leaves as it is. */
export const LEFT_ALONE = 'left alone: it is of another version'
export const LEFT_ALONE_HINT =
  'Another release of CoreDog has written it: install that one again, which can finish it, or remove the file.'

/** For a caller that cannot go on without `file`. */
export function anotherVersion(file: string): OperatorError {
  return new OperatorError(`"${file}" is ${LEFT_ALONE}`, LEFT_ALONE_HINT)
}

/**
 * Whether `value`, of a file of ours, says that it is of a version that we do not know. What says none was
 * written before there was one, or is none of ours.
 */
export function isOfAnotherVersion(value: unknown): boolean {
  const { version } = fieldsOf(value)
  return typeof version === 'number' && version !== FORMAT_VERSION
}

/** The same of the text of a file: JSON, lines of JSON, or lines after {@link VERSION_LINE}. */
export function saysAnotherVersion(text: string): boolean {
  const [line = ''] = text.split('\n', 1)
  if (line.startsWith('version ')) return line !== VERSION_LINE.trimEnd()
  return isOfAnotherVersion(fieldsIn(text) ?? fieldsIn(line))
}
