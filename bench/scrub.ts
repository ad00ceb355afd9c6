import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { execa } from 'execa'
import { BytePatterns } from '../untrusted/byte-patterns.ts'
import { secretBytes } from '../untrusted/secret-bytes.ts'
import { openArena } from './arena.ts'
import { parseStored, wholeCore } from './bench-node.ts'
import type { Place } from './contestant.ts'
import { type Core, generatedCores, makerArguments } from './core.ts'
import { type Ours, ours } from './ours.ts'
import { type RunConditions, runOnce } from './run.ts'
import { SCRUBS, type ScrubRun, type Search, scrubTable, searchTable } from './scrub-table.ts'
import type { Session } from './session.ts'
import type { Measured } from './target.ts'
import { inTurns } from './turns.ts'

/** Of a pod with many: in its environment, and so in the core. */
const SECRETS = Array.from({ length: 40 }, () => randomBytes(16).toString('hex'))

/** How long a process is held while known secrets are looked for in its core, and how fast that is alone. */
export async function measureScrub({ options, signal, say }: Session): Promise<Measured> {
  const [core] = generatedCores(options.sizeBytes / 4) as [Core]
  const crashedBy = ['env', ...SECRETS.map((secret, index) => `TOKEN_${index}=${secret}`)]
  const neededBytes = 4 * core.sizeBytes
  await using arena = await openArena({ options, neededBytes, signal, crashedBy })
  const { place, way } = arena
  const contestants = SCRUBS.flatMap(scrub => [contestant(scrub, 'auto', place), contestant(scrub, 0, place)])
  const turns = { name: 'scrub', contestants, rounds: options.rounds, signal, say }
  const found = await inTurns(turns, (one, { checked }) =>
    scrubbedOnce(one as Ours, core, { place, way, checked }),
  )
  const tables = [scrubTable({ core, ...found }, SECRETS.length), searchTable(await searches(place))]
  return { tables, targets: [] }
}

function contestant(scrub: (typeof SCRUBS)[number], readAhead: 'auto' | 0, place: Place): Ours {
  const name = readAhead === 0 ? `${scrub}, nothing read ahead` : scrub
  const settings = { collect: { scrub }, limits: { readAhead } }
  const folder = place.scratch.folder(name)
  return ours(
    { name, compression: 'gzip', settings },
    { protocol: 'cfs', CFSMountPath: folder },
    folder,
    place,
  )
}

async function scrubbedOnce(one: Ours, core: Core, conditions: RunConditions): Promise<ScrubRun> {
  rmSync(one.logFile, { force: true })
  const run = await runOnce(one, core, conditions)
  const { scrubbed = 0 } = wholeCore(parseStored(readFileSync(one.logFile, 'utf8')).report)
  const isOff = one.name.includes(' off')
  if (conditions.place.byKernel && scrubbed >= SECRETS.length === isOff)
    throw new Error(`${scrubbed} places were blanked`)
  return { ...run, scrubbed }
}

const SEARCHED_MIB = 64
const TRIES = 9

/** The fastest of some: of what does nothing else than to read memory, all above is the machine's. */
async function searches({ programs }: Place): Promise<readonly Search[]> {
  const core = { name: 'heap', title: '', kind: 'heap', sizeBytes: SEARCHED_MIB * 2 ** 20 } as const
  const made = await execa(programs.coreMaker, ['write', ...makerArguments(core)], {
    encoding: 'buffer',
    maxBuffer: 2 * core.sizeBytes,
  })
  const memory = Buffer.from(made.stdout)
  const copy = Buffer.alloc(memory.length)
  const mbPerSecond = (work: () => void) => memory.length / 1e3 / fastestMs(work)
  return [1, 40, 512].map(values => {
    const secrets = Array.from({ length: values }, () => Buffer.from(randomBytes(16).toString('hex')))
    const search = new BytePatterns(secretBytes(secrets, []).patterns)
    return {
      values,
      mbPerSecond: mbPerSecond(() => search.find(memory, 0, memory.length, () => undefined)),
      copyMbPerSecond: mbPerSecond(() => memory.copy(copy)),
    }
  })
}

function fastestMs(work: () => void): number {
  const times = Array.from({ length: TRIES }, () => {
    const before = performance.now()
    work()
    return performance.now() - before
  })
  return Math.min(...times)
}
