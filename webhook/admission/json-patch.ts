/** One operation of RFC 6902. We only ever add: a replaced list would lose what another webhook put there. */
export interface Add {
  readonly op: 'add'
  readonly path: string
  readonly value: unknown
}

export type JsonPatch = readonly Add[]

/** Adds `item` at the end of the list at `pointer`, or makes the list, if there is none. */
export function append(pointer: string, existing: readonly unknown[] | null, item: unknown): Add {
  if (existing === null) return { op: 'add', path: pointer, value: [item] }
  return { op: 'add', path: `${pointer}/-`, value: item }
}

/** Adds `item` before all others of the list at `pointer`, or makes the list. */
export function prepend(pointer: string, existing: readonly unknown[] | null, item: unknown): Add {
  if (existing === null) return { op: 'add', path: pointer, value: [item] }
  return { op: 'add', path: `${pointer}/0`, value: item }
}

/** A key as a segment of a JSON pointer (RFC 6901). */
export function segment(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
