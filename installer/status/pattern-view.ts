import type { Config } from '../../config/config.ts'
import type { PatternView } from '../../node-view/node-view.ts'
import { isOurs } from '../node/capture-mode.ts'
import { writerOf } from '../node/known-writer.ts'
import type { NodeState } from '../node/node-state.ts'
import { captureModeOf } from '../node/wanted.ts'

/** Whose line the kernel has. */
export function patternOf({ corePattern, corePipeLimit, original }: NodeState, config: Config): PatternView {
  const ours = isOurs(corePattern, captureModeOf(config))
  return {
    ours,
    owner: ours ? 'CoreDog' : writerOf(corePattern),
    pipeLimit: corePipeLimit,
    before: original.is === 'kept' ? writerOf(original.sysctls.corePattern) : null,
  }
}
