import type { Config } from '../config/config.ts'
import { searchedRanges } from '../crash/searched-ranges.ts'
import { BytePatterns } from '../untrusted/byte-patterns.ts'
import type { Capture } from './capture.ts'
import { Scrub } from './core/scrub.ts'
import type { OpenScrub } from './core/scrubbed-blocks.ts'
import type { Secrets } from './secrets.ts'

/**
 * The Secrets of a pod are files in memory: it takes some milliseconds, and 160 were seen where four processes wanted
 * each CPU. The core is read ahead meanwhile; where there is no room for that, the process is held.
 */
const LONGEST_SECONDS = 1
/** Nothing is held by a core that lies in a file. */
const LONGEST_OF_FILE_SECONDS = 2

type Scrubbable = Pick<Capture, 'observed' | 'file' | 'dump'> & {
  readonly core: Pick<Capture['core'], 'head'>
}

/** What blanks the core of a crash by what is known of its secrets; `null`: nothing is wanted to. Never rejects. */
export function scrubFor(
  capture: Scrubbable,
  secrets: Pick<Secrets, 'inMemory'>,
  { collect: { scrub } }: Pick<Config, 'collect'>,
): Promise<OpenScrub> | null {
  if (scrub === 'off') return null
  // Of a core of stacks there is no more.
  return openScrub(capture, secrets, capture.dump?.dump === 'stacks' ? 'all' : scrub)
}

async function openScrub(
  { observed, core: { head }, file }: Scrubbable,
  secrets: Pick<Secrets, 'inMemory'>,
  searched: 'stacks' | 'all',
): Promise<OpenScrub> {
  const names = head?.files.map(({ path }) => path) ?? []
  const seconds = file === undefined ? LONGEST_SECONDS : LONGEST_OF_FILE_SECONDS
  const { patterns, ...found } = await secrets.inMemory(names, seconds)
  const finder = new BytePatterns(patterns)
  const { longestBytes } = finder
  return {
    scrub: longestBytes === 0 ? null : new Scrub(finder, searchedRanges(head, searched, longestBytes)),
    doubt: whyDoubted({ ...found, ...observed, seconds }),
  }
}

function whyDoubted(of: {
  readonly isLate: boolean
  readonly isCut: boolean
  readonly seconds: number
  readonly unverified?: string
}): string | null {
  if (of.unverified !== undefined)
    return 'it is not certain which process it was, so not all of its secrets are known'
  if (of.isLate) return `the Secrets of its pod could not be read within ${of.seconds} s`
  return of.isCut ? 'it has more secrets than are looked for' : null
}
