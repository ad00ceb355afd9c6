const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
}

/** What {@link parseSize} reads, in words for a person. */
export const SIZE_FORM = 'bytes, or a number with Ki, Mi, Gi, Ti, k, M, G or T, such as 64Gi'

/** Where a size may be left to the node. */
export const SIZE_OR_AUTO_FORM = `auto, or ${SIZE_FORM}`

/**
 * Bytes in `text`, written as Kubernetes writes quantities: `64Gi` is 64 × 2^30, `1G` is 10^9, and a plain
 * number is bytes. A `B` at the end changes nothing. `undefined` when it is no size.
 */
export function parseSize(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?) ?(|[kKMGTP]|[KMGTP]i)B?$/.exec(text) ?? []
  const bytes = Math.round(Number(digits) * (UNITS[unit] ?? Number.NaN))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
