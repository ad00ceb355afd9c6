import { type CoreFile, homeOf, pathOf } from './core-file.ts'

/**
 * The core files that wait to be taken. Pods take turns, so one that crashes ten thousand times does not keep
 * another one's only core waiting; of one pod the oldest comes first.
 */
export class Backlog {
  readonly #byPod = new Map<string, CoreFile[]>()
  readonly #paths = new Set<string>()

  /** Those of one path wait once. */
  add(file: CoreFile): void {
    const path = pathOf(file.segments)
    if (this.#paths.has(path)) return
    this.#paths.add(path)
    const files = this.#byPod.get(homeOf(file)) ?? []
    files.splice(firstYounger(files, file.stat.mtimeNs), 0, file)
    this.#byPod.set(homeOf(file), files)
  }

  /** Takes out the next one; with `isFor`, of those pods of which it says yes of one file. */
  next(isFor: (file: CoreFile) => boolean = () => true): CoreFile | undefined {
    const turn = [...this.#byPod].find(([, [first]]) => first !== undefined && isFor(first))
    if (turn === undefined) return undefined
    const [pod, files] = turn
    const file = files.shift()
    this.#byPod.delete(pod)
    if (files.length > 0) this.#byPod.set(pod, files)
    if (file !== undefined) this.#paths.delete(pathOf(file.segments))
    return file
  }
}

/** Where in `files`, oldest first, one of `mtimeNs` belongs. */
function firstYounger(files: readonly CoreFile[], mtimeNs: bigint): number {
  let low = 0
  let high = files.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((files[middle]?.stat.mtimeNs ?? 0n) <= mtimeNs) low = middle + 1
    else high = middle
  }
  return low
}
