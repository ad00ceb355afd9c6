/** What the store has of one group, by where it lies below the group's folder. */
export type GroupObject =
  /** How often its crashes came to a node: each node overwrites its own. */
  | { readonly what: 'seen'; readonly node: string }
  /** The message of that number was told, by whoever wrote this first; 0: the first one. */
  | { readonly what: 'told'; readonly update: number }
  /** People were told that it is over. */
  | { readonly what: 'quiet' }
  /** What the nodes count, summed. */
  | { readonly what: 'summary' }
  /** Nobody is to be told of it until then. */
  | { readonly what: 'muted' }

const SEEN = /^seen\/([^/]{1,253})$/
const TOLD = /^told\/(0|[1-9]\d{0,5})$/

/** Where it lies, below the group's folder. */
export function groupObjectName(object: GroupObject): string {
  switch (object.what) {
    case 'seen':
      return `seen/${object.node}`
    case 'told':
      return `told/${object.update}`
    case 'quiet':
      return 'told/quiet'
    case 'summary':
      return 'summary.json'
    case 'muted':
      return 'muted'
  }
}

/** `null`: something else. */
export function parseGroupObject(name: string): GroupObject | null {
  if (name === 'told/quiet') return { what: 'quiet' }
  if (name === 'summary.json') return { what: 'summary' }
  if (name === 'muted') return { what: 'muted' }
  const [node, update] = [SEEN.exec(name)?.[1], TOLD.exec(name)?.[1]]
  if (node !== undefined) return { what: 'seen', node }
  return update === undefined ? null : { what: 'told', update: Number(update) }
}
