import { type CoreFile, homeOf } from './core-file.ts'

const BLOCK_BYTES = 512

/** A pod that has too much. */
export interface Excess {
  /** `<namespace>/<pod>` */
  readonly pod: string
  readonly remove: readonly CoreFile[]
  readonly leftBytes: number
}

/** How much of the node's disk the files of each pod take, and which of them could go. */
export class Usage {
  readonly #pods = new Map<string, { bytes: number; stored: CoreFile[] }>()

  add(file: CoreFile, isStored: boolean): void {
    const pod = this.#pods.get(homeOf(file)) ?? { bytes: 0, stored: [] }
    pod.bytes += diskBytes(file)
    if (isStored) pod.stored.push(file)
    this.#pods.set(homeOf(file), pod)
  }

  /**
   * What has to go so that no pod has more than `mostBytes`, oldest first, and what is still too much then.
   */
  excess(mostBytes: number): Excess[] {
    return [...this.#pods]
      .filter(([, { bytes }]) => bytes > mostBytes)
      .map(([pod, { bytes, stored }]) => {
        const remove: CoreFile[] = []
        let left = bytes
        for (const file of stored.sort(byAge)) {
          if (left <= mostBytes) break
          remove.push(file)
          left -= diskBytes(file)
        }
        return { pod, remove, leftBytes: left }
      })
  }
}

function diskBytes({ stat }: CoreFile): number {
  return Number(stat.blocks) * BLOCK_BYTES
}

function byAge(one: CoreFile, other: CoreFile): number {
  return one.stat.mtimeNs < other.stat.mtimeNs ? -1 : 1
}
