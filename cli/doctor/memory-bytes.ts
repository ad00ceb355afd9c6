const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** A quantity of Kubernetes: `1.5Gi`, `512M`; `null`: none, or in a unit that nobody gives memory in. */
export function memoryBytes(quantity: unknown): number | null {
  const [, digits, unit = ''] =
    /^(\d{1,15}(?:\.\d{1,9})?)([kMGT]i?|Ki|)$/.exec(`${quantity}`.slice(0, 40)) ?? []
  const each = UNITS[unit]
  return digits === undefined || each === undefined ? null : Number(digits) * each
}
