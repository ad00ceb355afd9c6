import { openArena } from './arena.ts'
import type { Core } from './core.ts'
import { isAmong, present } from './offers.ts'
import type { Session } from './session.ts'
import { CRASHES, stormOnce } from './storm-run.ts'
import { type Storm, stormTable, stormTargets, stormWithoutKernel } from './storm-table.ts'
import { SYSTEMD } from './systemd-coredump.ts'
import type { Measured } from './target.ts'
import { GZIP, LIMIT, PIGZ, ZSTD } from './tools.ts'
import { inTurns } from './turns.ts'

// The others take one core at a time, or too long.
const OURS = ['coredog gzip', 'coredog gzip, nothing read ahead', 'coredog zstd']
const CONTESTANTS = [LIMIT, GZIP, PIGZ, ZSTD, SYSTEMD, ...OURS]

/** How long processes are held of which a dozen crash at the same moment. */
export async function measureStorm({ options, signal, say }: Session): Promise<Measured> {
  const core = coreOf(options.sizeBytes)
  await using arena = await openArena({ options, neededBytes: 2 * CRASHES * core.sizeBytes, signal })
  const { place, way } = arena
  if (way.storm === null) return stormWithoutKernel(core)
  const isAsked = isAmong(options.only)
  const { contestants, absent } = await present(name => CONTESTANTS.includes(name) && isAsked(name), place)
  const turns = { name: 'storm', contestants, rounds: options.rounds, signal, say }
  const found = await inTurns(turns, (one, { checked }) => stormOnce(one, core, { place, way, checked }))
  const storm: Storm = { core, absent, ...found }
  return { tables: [stormTable(storm)], targets: stormTargets(storm) }
}

/** 64 MiB each, beside generated cores of 1 GiB. */
function coreOf(sizeBytes: number): Core {
  const mebibytes = Math.ceil(sizeBytes / 16 / 2 ** 20)
  return { name: 'heap', title: 'Heap-like memory', kind: 'heap', sizeBytes: mebibytes * 2 ** 20 }
}
