/**
 * What a core_pattern can be filled with, by the letter of core(5). Unknown letters become nothing, as in the
 * kernel.
 */
export type PatternValues = Readonly<Partial<Record<string, string>>>

/** Whether the kernel wrote files, wherever the crashed process was, and started no program. */
export function writesFiles(pattern: string): boolean {
  return pattern !== '' && !pattern.startsWith('|') && !pattern.startsWith('@')
}

/**
 * The program and arguments of a pipe pattern (`|/usr/lib/systemd/systemd-coredump %P %u …`), filled in;
 * `null` for a file pattern.
 */
export function expandPipePattern(
  pattern: string,
  values: PatternValues,
): readonly [string, ...string[]] | null {
  if (!pattern.startsWith('|')) return null
  const [program, ...args] = pattern
    .slice(1)
    .split(' ')
    .filter(word => word !== '')
    .map(word => expand(word, values))
  return program === undefined ? null : [program, ...args]
}

function expand(word: string, values: PatternValues): string {
  return word.replace(/%(.?)/g, (_, letter: string) => (letter === '%' ? '%' : (values[letter] ?? '')))
}
