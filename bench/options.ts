import path from 'node:path'
import { parseArgs } from 'node:util'
import { parseSize, SIZE_FORM } from '../config/size.ts'
import { OperatorError } from '../crash/errors.ts'

export const PARTS = [
  'held',
  'storm',
  'slow-store',
  'busy',
  'known',
  'scrub',
  'start',
  'memory',
  'terabyte',
  'debug',
  'list',
  'fleet',
  'installer',
] as const
export type Part = (typeof PARTS)[number]

export const HELP = `npm run bench -- [--parts=${PARTS}] [--rounds=N] [--size=SIZE]
                 [--only=NAME,...] [--cores=NAME,...] [--composer=PATH] [--pipe] [--write]

How long a crashed process is held, by us and by what others use, in one run, and where its crash is known; how soon the
handler starts, what memory it needs, how soon coredog-api lists crashes, and a core of 1 TiB. A crash loop on thousands
of nodes is simulated, and an installer is looked at that has nothing to do. Progress on stderr, tables on stdout.

  --parts    which of them; all if nothing is said
  --rounds   how often each contestant gets each core, taking turns; 5 if nothing is said, and 21 starts and known crashes;
             minutes of the idle installer
  --size     of the generated cores; 1Gi if nothing is said, with 256Mi of random bytes, 64Mi of those that crash at once,
             256Mi into a slow store, on a busy node and looked through for secrets, 256Mi to 16Gi for memory, and 1Ti: other sizes scale these
  --only     contestants, by a part of their name: --only=cat,gzip
  --cores    heap, zeros, random, node, python, java, redis, postgres; all if nothing is said
  --composer IBM's core-dump-composer, which is a contestant then
  --pipe     through a plain pipe, as without root, and not through the kernel
  --write    puts tables and plot into docs/performance.md, docs/fleet.md and docs/performance.svg; only of what is committed
`

export interface Options {
  readonly parts: readonly Part[]
  readonly rounds: number
  readonly sizeBytes: number
  /** Parts of names; none: all. */
  readonly only: readonly string[]
  /** None: all. */
  readonly cores: readonly string[]
  readonly pipe: boolean
  /** `null`: nobody said where IBM's composer is. */
  readonly composer: string | null
  readonly write: boolean
}

/** `null`: help is wanted. */
export function parseOptions(argv: readonly string[]): Options | null {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const texts = { parts: text, rounds: text, size: text, only: text, cores: text, composer: text }
  const options = { ...texts, pipe: flag, write: flag, help: flag }
  const { values } = parseArgs({ args: [...argv], options })
  if (values.help) return null
  return {
    parts: list(values.parts ?? PARTS.join()).map(partNamed),
    rounds: roundsIn(values.rounds ?? '5'),
    sizeBytes: sizeIn(values.size ?? '1Gi'),
    only: list(values.only ?? ''),
    cores: list(values.cores ?? ''),
    pipe: values.pipe ?? false,
    composer: values.composer === undefined ? null : path.resolve(values.composer),
    write: values.write ?? false,
  }
}

function list(text: string): string[] {
  return text
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
}

function partNamed(name: string): Part {
  const part = PARTS.find(known => known === name)
  if (part !== undefined) return part
  throw new OperatorError(
    `Cannot measure "${name}": there is no such part`,
    `Give some of ${PARTS.join(', ')}.`,
  )
}

function roundsIn(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new OperatorError(`Cannot run "${text}" rounds: it is no whole number above 0`, 'Give --rounds=5.')
}

/** Whole MiB, which is what core-maker makes. */
function sizeIn(text: string): number {
  const bytes = parseSize(text)
  if (bytes !== undefined && bytes >= 2 ** 20) return bytes - (bytes % 2 ** 20)
  throw new OperatorError(
    `Cannot make cores of "${text}": it is no size of 1 MiB or more`,
    `Give ${SIZE_FORM}.`,
  )
}
