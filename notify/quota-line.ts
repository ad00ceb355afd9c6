import { humanBytes } from '../crash/human-bytes.ts'
import { fullnessOf, percentOf } from '../crash/quota.ts'
import type { CrashReport } from '../crash/report.ts'
import type { Language } from './language/language.ts'

/** How much of its quota a namespace has used; nothing, where it has room. */
export function quotaLines({ core }: CrashReport, language: Language): readonly string[] {
  const { usedBytes, limitBytes } = core?.quota ?? {}
  if (usedBytes === undefined || limitBytes === undefined) return []
  const use = { usedBytes, limitBytes }
  const [used, limit] = [humanBytes(usedBytes), humanBytes(limitBytes)]
  return [language.quota({ used, limit, percent: percentOf(use), isLean: isForQuota(core) })]
}

/** Whether it is for the quota that there are only stacks. */
export function isForQuota(core: CrashReport['core']): boolean {
  const { usedBytes, limitBytes } = core?.quota ?? {}
  const isFull = usedBytes !== undefined && limitBytes !== undefined
  return isFull && core?.dump === 'stacks' && fullnessOf({ usedBytes, limitBytes }) === 'full'
}
