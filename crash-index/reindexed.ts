/** How many crashes were looked at, and what was found of them. */
export interface Reindexed {
  readonly looked: number
  readonly added: number
  readonly known: number
  /** Those that report or index say to be of another cluster: they are left to that one. */
  readonly foreign: number
  /** Those of which the report cannot be read: nothing says that they are ours. */
  readonly unread: number
  /** The other clusters, as they are called; not all where there are many. A stranger may have written them. */
  readonly clusters: readonly string[]
  /** Folders of the first ones that cannot be read. */
  readonly unreadFolders: readonly string[]
}

/** What was found of one crash. */
export type Found =
  | { readonly as: 'added' | 'known' }
  | { readonly as: 'foreign'; readonly cluster: string }
  | { readonly as: 'unread'; readonly folder: string }

export const NONE_LOOKED_AT: Reindexed = {
  ...{ looked: 0, added: 0, known: 0, foreign: 0, unread: 0 },
  ...{ clusters: [], unreadFolders: [] },
}

/** What a person reads. */
const MOST_NAMES = 5

export function counted(sofar: Reindexed, found: Found): Reindexed {
  return {
    ...sofar,
    looked: sofar.looked + 1,
    [found.as]: sofar[found.as] + 1,
    ...(found.as === 'foreign' && { clusters: withOne(sofar.clusters, found.cluster) }),
    ...(found.as === 'unread' && { unreadFolders: withOne(sofar.unreadFolders, found.folder) }),
  }
}

function withOne(names: readonly string[], name: string): readonly string[] {
  return names.length === MOST_NAMES || names.includes(name) ? names : [...names, name]
}
