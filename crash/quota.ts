import { fieldsIn } from './fields.ts'
import { clusterIn } from './index-entry.ts'

/** What the namespaces of a cluster have used of their quotas is below it, and no crash. */
export const QUOTA = '_quota'

/** The records of one cluster begin with it. Empty: it has no name. */
export function quotaPrefix(cluster: string): string {
  return `${QUOTA}/${clusterIn(cluster)}/`
}

/** `namespace`: first segment of the folders of its crashes. */
export function quotaKey(cluster: string, namespace: string): string {
  return quotaPrefix(cluster) + namespace
}

/** How much of something is used, that ends. */
export interface Use {
  readonly usedBytes: number
  readonly limitBytes: number
}

export interface QuotaRecord extends Use {
  /** When it was summed. */
  readonly at: Date
}

/** From there on people are told. */
export const NEARLY_FULL_PERCENT = 90

/** Whole percents; of nothing all is used. */
export function percentOf({ usedBytes, limitBytes }: Use): number {
  return limitBytes === 0 ? 100 : Math.floor((usedBytes / limitBytes) * 100)
}

/** The words for whatever fills: a quota, a spool, a directory of core files. */
export function fullnessOf(use: Use): 'room' | 'nearly full' | 'full' {
  const percent = percentOf(use)
  if (percent >= 100) return 'full'
  return percent >= NEARLY_FULL_PERCENT ? 'nearly full' : 'room'
}

const VERSION = 1

export function encodeQuota({ usedBytes, limitBytes, at }: QuotaRecord): string {
  return `${JSON.stringify({ version: VERSION, usedBytes, limitBytes, at })}\n`
}

/** `null`: it is none, or one of a version that we do not know: then cores are kept. */
export function parseQuota(text: string): QuotaRecord | null {
  const { version, usedBytes, limitBytes, at } = fieldsIn(text) ?? {}
  const time = new Date(typeof at === 'string' ? at : Number.NaN)
  if (version !== VERSION || Number.isNaN(time.getTime())) return null
  if (!isBytes(usedBytes) || !isBytes(limitBytes)) return null
  return { usedBytes, limitBytes, at: time }
}

export function isBytes(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
