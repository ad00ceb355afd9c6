import { fullnessOf, type Use } from '../crash/quota.ts'
import type { Capture } from './capture.ts'
import { leanCapture } from './lean-capture.ts'
import type { Outside } from './outside.ts'

/** The same crash, with no more than its stacks where its namespace has no room left; `null`: that is not known. */
export async function withinQuota(
  capture: Capture,
  use: Use | null,
  outside: Pick<Outside, 'proc' | 'log'>,
): Promise<Capture> {
  if (use === null || fullnessOf(use) === 'room') return capture
  const { usedBytes, limitBytes } = use
  const told = { ...capture, quota: { usedBytes, limitBytes } }
  const isLean = fullnessOf(use) === 'nearly full' || capture.dump?.dump === 'stacks'
  return isLean ? told : leanCapture(told, 'stacks', outside)
}
