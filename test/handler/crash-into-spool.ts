import assert from 'node:assert/strict'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { pino } from 'pino'
import { parseConfig } from '../../config/parse-config.ts'
import type { CrashReport } from '../../crash/report.ts'
import { collect } from '../../handler/collect.ts'
import { type Allowance, NO_ALLOWANCE } from '../../handler/core/allowance.ts'
import type { CorePipe } from '../../handler/core/core-pipe.ts'
import { NO_POOL_PRIORITY } from '../../handler/core/pool-priority.ts'
import type { Places } from '../../handler/deduplicate/places.ts'
import type { Outside } from '../../handler/outside.ts'
import { Spooling, type Timer } from '../../handler/spooling.ts'
import { readPart, readSpooled, spooledIn } from '../../handoff/spool-entry.ts'
import type { SpoolRecord } from '../../handoff/spool-record.ts'
import { pipeOf, temporaryFolder } from '../fakes/core-file.ts'
import { dumpingProcess, fakeProc, POD_UID } from '../fakes/fake-proc.ts'
import { MemoryBinaries } from '../fakes/memory-sink.ts'
import { NO_BEGINNINGS } from '../fakes/no-beginnings.ts'
import { NO_DEDUPLICATION } from './no-deduplication.ts'
import { NO_GROUPS } from './no-groups.ts'
import { NO_RECURRENCES } from './no-recurrences.ts'
import { NO_SYMBOLS } from './no-symbols.ts'
import { pretendedExplainer } from './pretended-explainer.ts'

const ARGV = ['4242', 'app', '1763700000', '11', '4243', '1', '18446744073709551615', '3']

/** What is asked for of a crash and of its node. */
export interface Wish {
  readonly maxHold?: string
  readonly annotation?: string
  readonly spool?: string
  readonly salvage?: string
  readonly compression?: 'gzip' | 'zstd' | 'none'
  /** Of its core; else nothing. */
  readonly readAhead?: Allowance
  /** That counts `maxHold`; else time does. */
  readonly timer?: Timer
  /** Who says which core is kept; else nobody. */
  readonly places?: Places
  /** Where it crashed; else that is not known. */
  readonly site?: string
}

export interface CrashOnItsWay {
  readonly pipe: CorePipe
  /** Of the spool. */
  readonly dir: string
  /** For how long the process may be held, as it was decided. */
  readonly held: readonly number[]
  readonly done: Promise<CrashReport | null>
}

/** The crash of process 7 with `core` into `sink`, with the real spool. */
export function crashInto(test: TestContext, sink: Outside['sink'], core: Buffer, wish: Wish): CrashOnItsWay {
  const { maxHold = '0s', annotation, spool = '20Gi', salvage = '64Mi', compression = 'none', timer } = wish
  const dir = path.join(temporaryFolder(test), 'spool')
  const { config } = parseConfig(`
StorageConfig: {protocol: cfs, CFSMountPath: /mnt}
compression: ${compression}
limits: {maxHold: ${maxHold}, salvage: ${salvage}}
spool: {dir: ${dir}, maxBytes: ${spool}, perNamespace: 100%, keepFree: 0%}`)
  const log = pino({ enabled: false })
  const held: number[] = []
  const asked = annotation === undefined ? {} : { 'coredog.io/max-hold': annotation }
  const annotations = { 'coredog.io/inject': 'true', ...asked }
  const outside: Outside = {
    proc: fakeProc(dumpingProcess(4242, {}, 4243)),
    runtime: {
      describe: async () => ({
        pod: { namespace: 'shop', name: 'web-0', uid: POD_UID, labels: {}, annotations },
        container: { name: 'app' },
      }),
    },
    forward: async () => ({ to: '/previous' }),
    beginnings: NO_BEGINNINGS,
    waitToInspect: async () => ({ end: () => undefined }),
    readAhead: () => wish.readAhead ?? NO_ALLOWANCE,
    poolPriority: NO_POOL_PRIORITY,
    places: () => wish.places ?? null,
    quota: () => null,
    waitToStream: async () => true,
    waitToSend: async () => undefined,
    stepAside: async () => undefined,
    explain: () => pretendedExplainer(wish.site ?? null, { crash: {} }),
    openLog: () => assert.fail('there is none'),
    deduplication: {
      ...NO_DEDUPLICATION,
      leaveToOthers: async (_, { time: since }) => ({ keep: false, by: 'dedupe', keeps: 1, since, kept: [] }),
    },
    mountedSecrets: async () => [],
    recurrences: NO_RECURRENCES,
    groups: NO_GROUPS,
    symbols: NO_SYMBOLS,
    sink,
    binaries: new MemoryBinaries(),
    spool: (draft, holding) => {
      held.push(holding.maxHoldSeconds)
      return Spooling.begin(draft, holding, config, log, timer)
    },
    notifier: { tell: async () => [] },
    node: { name: 'node-1', kernel: '6.18.0' },
    now: () => new Date('2026-11-21T00:00:00Z'),
    log,
  }
  const pipe = pipeOf(test, core)
  return { pipe, dir, held, done: collect(ARGV, pipe, config, outside) }
}

/** What lies in the spool of the one crash that is there, its parts joined. */
export async function inSpool(
  dir: string,
): Promise<{ readonly record: SpoolRecord; readonly numbers: readonly number[]; readonly bytes: Buffer }> {
  const [folder = assert.fail('the spool is empty')] = await spooledIn(dir)
  const spooled = (await readSpooled(folder)) ?? assert.fail('there is no record')
  const numbers = [...spooled.parts.keys()].toSorted((one, other) => one - other)
  const parts = await Promise.all(numbers.map(number => readPart(folder, number)))
  return { record: spooled.record, numbers, bytes: Buffer.concat(parts) }
}
