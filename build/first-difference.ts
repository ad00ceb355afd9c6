/** What is made, by its name. */
export type Contents = ReadonlyMap<string, Buffer>

/** In words, the first of `names` of which `one` and `other` have not the same; `null`: they are the same. */
export function firstDifference(one: Contents, other: Contents): string | null {
  const names = [...new Set([...one.keys(), ...other.keys()])]
  return (
    names.map(name => differenceOf(name, one.get(name), other.get(name))).find(found => found !== null) ??
    null
  )
}

function differenceOf(name: string, one: Buffer | undefined, other: Buffer | undefined): string | null {
  if (one === undefined) return `${name} is in the second one only`
  if (other === undefined) return `${name} is in the first one only`
  if (one.equals(other)) return null
  const at = one.findIndex((byte, index) => byte !== other[index])
  return `${name} differs at byte ${at === -1 ? one.length : at} (${one.length} and ${other.length} bytes)`
}
