import type { Profiler } from 'node:inspector'

/** Functions by the script that they are in, each by the offset of its last character there, in ascending order. */
export type Functions = Readonly<Record<string, readonly number[]>>

/**
 * Up to this length a function is taken with the one that it is in, whether it was called or not: what `setTimeout()`
 * is given is called where the machine is slow, and a build is to be the same on every machine.
 */
const SHORT_CHARACTERS = 40

/** What was called in `scripts`, by what V8 counted. */
export function calledFunctions(
  counted: readonly Profiler.ScriptCoverage[],
  scripts: readonly string[],
): Functions {
  const ours = counted.filter(({ url }) => scripts.includes(url))
  return Object.fromEntries(ours.map(({ url, functions }) => [url, endsOf(functions)]))
}

interface Span {
  readonly start: number
  readonly end: number
  readonly called: boolean
}

function endsOf(functions: readonly Profiler.FunctionCoverage[]): number[] {
  const spans = functions.flatMap(spanOf).toSorted((a, b) => a.start - b.start || b.end - a.end)
  const around: Span[] = []
  const ends = new Set<number>()
  for (const span of spans) {
    while ((around.at(-1)?.end ?? Number.POSITIVE_INFINITY) <= span.start) around.pop()
    const isShort = span.end - span.start <= SHORT_CHARACTERS
    if (span.called || (isShort && around.at(-1)?.called)) ends.add(span.end - 1)
    around.push(span)
  }
  return ascending(ends)
}

function spanOf({ ranges: [whole] }: Profiler.FunctionCoverage): Span[] {
  if (whole === undefined) return []
  return [{ start: whole.startOffset, end: whole.endOffset, called: whole.count > 0 }]
}

/** Those of either. */
export function bothFunctions(one: Functions, other: Functions): Functions {
  const scripts = [...new Set([...Object.keys(one), ...Object.keys(other)])].toSorted()
  return Object.fromEntries(
    scripts.map(script => [script, ascending([...(one[script] ?? []), ...(other[script] ?? [])])]),
  )
}

export function countFunctions(functions: Functions): number {
  return Object.values(functions).reduce((sum, { length }) => sum + length, 0)
}

function ascending(ends: Iterable<number>): number[] {
  return [...new Set(ends)].toSorted((a, b) => a - b)
}
