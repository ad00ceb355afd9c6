import { COMPOSER } from './composer.ts'
import { sizeText } from './core.ts'
import type { Heat, Held } from './held.ts'
import { heldSeconds } from './held-table.ts'
import { ratio } from './ratio.ts'
import type { Run } from './run.ts'
import { SYSTEMD } from './systemd-coredump.ts'
import { notMeasured, type Target } from './target.ts'
import { GZIP, LIMIT, PIGZ, ZSTD } from './tools.ts'
import { type Entrant, medianOf } from './turns.ts'

const OURS = 'coredog gzip'
const LITTLE = 'coredog gzip, 512 MiB read ahead'
const ZLIB = 'coredog gzip, zlib'

// How much faster than each of them. Nothing but zeros is as fast as the kernel makes it, with everybody, and
// random bytes nobody has in memory.
const FASTER: readonly (readonly [peer: string, times: number])[] = [
  [GZIP, 6],
  [PIGZ, 2.5],
  [ZSTD, 1.3],
  [SYSTEMD, 3],
  [COMPOSER, 20],
]
const MADE_UP = ['zeros', 'random']

export function heldTargets({ heats }: Held): readonly Target[] {
  const real = heats.filter(({ core }) => !MADE_UP.includes(core.name))
  const heap = heats.filter(({ core }) => core.name === 'heap')
  return [
    worst('A core that fits into what is read ahead, gzip: held', '≤ 2.2 × cat + 0.15 s', real, nearCat),
    ...FASTER.map(([peer, times]) =>
      worst(`gzip against ${peer}: held`, `${times} × faster`, real, faster(OURS, peer, times)),
    ),
    worst('512 MiB read ahead, gzip: held', '≤ 4 × cat', heap, slowdown(LITTLE, LIMIT, 4, heldSeconds)),
    worst(`512 MiB read ahead, gzip, against ${GZIP}`, '7 × faster', heap, faster(LITTLE, GZIP, 7)),
    worst('gzip: CPU, against the same by zlib', '≤ 0.35 ×', real, slowdown(OURS, ZLIB, 0.35, cpuSeconds)),
    worst(`gzip: size, against ${GZIP}`, '≤ 1.04 ×', heats, slowdown(OURS, GZIP, 1.04, storedBytes)),
  ]
}

export const BUSY = { what: 'All CPUs busy, gzip: held', wanted: '≤ 3 × cat on the same node' }

export function busyTargets(heat: Heat): readonly Target[] {
  return [worst(BUSY.what, BUSY.wanted, [heat], slowdown(OURS, LIMIT, 3, heldSeconds))]
}

type HeldEntrant = Entrant<Run>

/** Of one core: in words, and how far below 1 the target is, at which it is met. */
interface Verdict {
  readonly words: string
  readonly share: number
}

/** `null`: one of the two did not take part. */
type Judge = (heat: Heat) => Verdict | null

/** Of all cores the one that does worst. */
function worst(what: string, wanted: string, heats: readonly Heat[], judge: Judge): Target {
  const judged = heats.flatMap(heat => {
    const verdict = judge(heat)
    return verdict === null ? [] : [{ heat, ...verdict }]
  })
  const [first] = judged.toSorted((a, b) => b.share - a.share)
  if (first === undefined) return notMeasured(what, wanted, 'somebody did not take part')
  const { core } = first.heat
  const which = `${core.title}, ${sizeText(core.sizeBytes)}`
  const measured = `${first.words} (${judged.length > 1 ? 'worst: ' : ''}${which})`
  return { what, wanted, measured, isMet: first.share <= 1 }
}

const nearCat: Judge = heat => {
  const [held, cat] = [valueFor(OURS, heat, heldSeconds), valueFor(LIMIT, heat, heldSeconds)]
  if (held === null || cat === null) return null
  const allowed = 2.2 * cat + 0.15
  const words = `${held.toFixed(2)} s of ${allowed.toFixed(2)} s; ${ratio(held, cat, 1)} × cat`
  return { words, share: held / allowed }
}

/** Who is compared, and what the kernel alone needs: no more is to be had. */
function faster(name: string, peer: string, wanted: number): Judge {
  return heat => {
    const [ours, theirs] = [valueFor(name, heat, heldSeconds), valueFor(peer, heat, heldSeconds)]
    const cat = valueFor(LIMIT, heat, heldSeconds)
    if (ours === null || theirs === null) return null
    const most = cat === null ? '' : `, cat ${ratio(theirs, cat, 1)} ×`
    return { words: `${ratio(theirs, ours, 1)} ×${most}`, share: (wanted * ours) / theirs }
  }
}

function slowdown(name: string, base: string, wanted: number, of: (entrant: HeldEntrant) => number): Judge {
  return heat => {
    const [ours, theirs] = [valueFor(name, heat, of), valueFor(base, heat, of)]
    if (ours === null || theirs === null) return null
    return { words: `${ratio(ours, theirs, 2)} ×`, share: ours / theirs / wanted }
  }
}

function valueFor(name: string, { entrants }: Heat, of: (entrant: HeldEntrant) => number): number | null {
  const entrant = entrants.find(({ contestant }) => contestant.name === name)
  return entrant === undefined ? null : of(entrant)
}

const cpuSeconds = (entrant: HeldEntrant): number => medianOf(entrant, run => run.cpuSeconds)

const storedBytes = (entrant: HeldEntrant): number => medianOf(entrant, run => run.storedBytes)
