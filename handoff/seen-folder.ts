import { createHash } from 'node:crypto'
import { lutimes, mkdir, readlink } from 'node:fs/promises'
import path from 'node:path'
import { orIfMissing } from '../crash/system-error.ts'
import { linkAtomic } from '../durable/atomic-file.ts'
import { countIn, makeSeenFile, type Seen, type SeenCrash } from './seen-file.ts'
import { makeSeenRoom } from './seen-room.ts'

/** Whose crashes they are. */
export interface SeenOwner {
  /** A namespace: what it may have of the folder is bounded. */
  readonly tenant: readonly string[]
  readonly workload: readonly string[]
}

/**
 * How often crashes of one group came to a node: a folder of each tenant, in it a file of each group, to which all
 * handlers append, and a link to it from each site where one of the group was. Of a file of another release nothing
 * is believed, and nothing is changed. Methods reject with the errors of `node:fs`.
 */
export class SeenFolder {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Counts a crash of `group`, and knows the next one again by `site`. `null`: nothing can be said. */
  async count(
    owner: SeenOwner,
    { group, site }: { readonly group: string; readonly site?: string },
    crash: SeenCrash,
  ): Promise<Seen | null> {
    const places = this.#placesOf(owner)
    const file = places.fileOf('group', group)
    const seen = (await countIn(file, crash)) ?? (await begin(file, places, crash))
    if (seen === null || seen === 'not ours') return null
    if (site !== undefined) await remember(places.fileOf('site', site), file, places)
    return seen
  }

  /** The same of a crash of which no more is known than where it was. `null`, too: none was known there. */
  async countAtSite(owner: SeenOwner, site: string, crash: SeenCrash): Promise<Seen | null> {
    const link = this.#placesOf(owner).fileOf('site', site)
    const seen = await countIn(link, crash)
    if (seen === null || seen === 'not ours') return null
    await touchLink(link)
    return seen
  }

  #placesOf({ tenant, workload }: SeenOwner): Places {
    const folder = path.join(this.#folder, hashOf(tenant))
    const prefix = `${hashOf(workload)}-`
    return { folder, prefix, fileOf: (...what) => path.join(folder, prefix + hashOf(what)) }
  }
}

interface Places {
  readonly folder: string
  /** With which all names of a workload begin. */
  readonly prefix: string
  readonly fileOf: (kind: 'group' | 'site', what: string) => string
}

function hashOf(what: readonly string[]): string {
  return createHash('sha256').update(what.join('\0')).digest('hex').slice(0, 16)
}

async function begin(
  file: string,
  { folder, prefix }: Places,
  crash: SeenCrash,
): Promise<Awaited<ReturnType<typeof countIn>>> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (!(await makeSeenRoom(folder, prefix))) return null
  await makeSeenFile(file, crash)
  return await countIn(file, crash)
}

/** The newest word counts: another release may have called the group otherwise. */
async function remember(link: string, file: string, { folder, prefix }: Places): Promise<void> {
  const target = path.basename(file)
  const before = await readlink(link).catch(orIfMissing(null))
  if (before === target) await touchLink(link)
  else if (before !== null || (await makeSeenRoom(folder, prefix))) await linkAtomic(link, target)
}

/** The link that was quiet for longest goes first. */
async function touchLink(link: string): Promise<void> {
  await lutimes(link, new Date(), new Date())
}
