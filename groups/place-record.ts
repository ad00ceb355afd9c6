import { fieldsIn } from '../crash/fields.ts'
import type { ClusterGroup } from '../crash/group-key.ts'
import { parseCrashFolder } from '../crash/object-key.ts'

/** Whose core is kept, as the object of a place says it. No two crashes have the same one. */
export interface PlaceRecord {
  readonly id: string
  readonly node: string
  /** RFC 3339, UTC. */
  readonly time: string
  /** Key of its core, below `StoreDir`: it is there, or will be. */
  readonly core: string
}

const VERSION = 1

export function encodePlace({ id, node, time, core }: PlaceRecord): Buffer {
  return Buffer.from(`${JSON.stringify({ version: VERSION, id, node, time, core })}\n`)
}

/** `null`: it is none. Whoever is root of a node can have written it. */
export function parsePlace(text: string): PlaceRecord | null {
  const { version, id, node, time, core } = fieldsIn(text) ?? {}
  const isOne = version === VERSION && [id, node, time, core].every(field => typeof field === 'string')
  return isOne ? ({ id, node, time, core } as PlaceRecord) : null
}

/** `key`, if it is that of a core of the group's own namespace: a chat gets a link to it. */
export function ownCoreKey({ namespace }: Pick<ClusterGroup, 'namespace'>, key = ''): string | null {
  const [, folder = ''] = /^(.{1,1000})\/core(?:\.gz|\.zst)?$/.exec(key) ?? []
  const isOwn = folder.startsWith(`${namespace}/`) && parseCrashFolder(folder) !== null
  return isOwn ? key : null
}
