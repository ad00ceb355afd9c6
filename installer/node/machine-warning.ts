import { looksIntoNodes } from '../../crash/our-pattern.ts'
import type { NodeHealth } from './watch-node.ts'

/** Tells once that the machine of a node has no handler, until it has one. */
export class MachineWarning {
  readonly #tell: (note: string) => void
  #told = false

  constructor(tell: (note: string) => void) {
    this.#tell = tell
  }

  look(health: NodeHealth): void {
    const state = health.round?.state
    if (state === undefined) return
    const isMissing = !health.ready && state.container !== null && !looksIntoNodes(state.corePattern)
    if (isMissing && !this.#told) this.#tell(`${health.reason}. ${health.hint ?? ''}`)
    this.#told = isMissing
  }
}
