import type { UntrustedDirectory } from '../durable/untrusted-directory.ts'
import type { Sight } from './sight.ts'

// <namespace>/<pod>/<container>, and what programs make below.
const DEEPEST = 8

/** How many entries may still be looked at; below 0: there were more. */
export interface Budget {
  left: number
}

/** Everything below `directory`, which is at `segments`, itself among it: first and last. */
export async function* walk(
  directory: UntrustedDirectory,
  segments: readonly string[],
  budget: Budget,
): AsyncGenerator<Sight> {
  yield { kind: 'entered', segments, directory }
  const directories: string[] = []
  let entries = 0
  for await (const name of directory.names()) {
    if (budget.left-- <= 0) return
    entries += 1
    const stat = await directory.stat(name)
    if (stat?.isDirectory()) directories.push(name)
    else if (stat !== null) yield { kind: 'file', segments: [...segments, name], directory, stat }
  }
  for (const name of segments.length < DEEPEST ? directories : []) {
    await using inside = await directory.enter(name)
    if (inside !== null) yield* walk(inside, [...segments, name], budget)
  }
  yield { kind: 'left', segments, directory, directories: directories.length, entries }
}

/** The names of the directories in this one. */
export async function* directoriesIn(directory: UntrustedDirectory, budget: Budget): AsyncGenerator<string> {
  for await (const name of directory.names()) {
    if (budget.left-- <= 0) return
    if ((await directory.stat(name))?.isDirectory()) yield name
  }
}
