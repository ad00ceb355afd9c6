/**
 * The lines `Name:\tvalue` of proc_pid_fdinfo(5), by their names. Only a line feed ends a line: JavaScript's
 * /m takes a carriage return and U+2028 for an end as well.
 */
export function fdinfoFields(text: string): ReadonlyMap<string, string> {
  return fieldsIn(text.split('\n'))
}

/**
 * The lines of proc_pid_status(5) but the first, `Name:`, which the process chose. The kernel writes a line
 * feed in it as `\n`, and all else as it is.
 */
export function statusFields(text: string): ReadonlyMap<string, string> {
  return fieldsIn(text.split('\n').slice(1))
}

/** Of two lines with one name the first counts. */
function fieldsIn(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(lines.toReversed().flatMap(fieldIn))
}

function fieldIn(line: string): [string, string][] {
  const colon = line.indexOf(':')
  return colon === -1 ? [] : [[line.slice(0, colon), line.slice(colon + 1).replace(/^[\t ]+/, '')]]
}
