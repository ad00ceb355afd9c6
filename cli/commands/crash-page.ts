import type { Coredump } from '../../coredump/coredump.ts'
import type { CrashReport } from '../../crash/report.ts'
import { en } from '../../notify/language/en.ts'
import { isForQuota, quotaLines } from '../../notify/quota-line.ts'
import { stackLines } from '../../notify/stacks.ts'
import { plain } from '../../untrusted/plain-text.ts'
import type { GroupCount } from '../source/source.ts'
import type { Style } from '../terminal/style.ts'
import { ageInWords, bytesInWords } from '../terminal/units.ts'
import { groupFacts } from './group-facts.ts'
import { nextCommands, type ReadFrom } from './next-commands.ts'

interface Page {
  readonly crash: Coredump
  readonly report: CrashReport
  /** `null`: it is not known how often crashes like it came to the whole cluster. */
  readonly group: GroupCount | null
  /** Its last lines. */
  readonly log: readonly string[]
  /** What was read, so that the next commands read it, too. */
  readonly store: ReadFrom
  readonly now: Date
}

const LONGEST_LINE = 500
const LABEL_WIDTH = 11

/** All that is known of one crash, for people. */
export function crashPage({ crash, report, group, log, store, now }: Page, style: Style): string {
  const facts = factsOf({ crash, report, group, now })
    .filter(([, value]) => value !== '')
    .map(([label, value]) => `${style.bold(`${label}:`.padEnd(LABEL_WIDTH))} ${plain(value, LONGEST_LINE)}`)
  const shownLog = log.map(line => `  ${plain(line, LONGEST_LINE)}`)
  const next = nextCommands(crash, log.length > 0, store)
  const paragraphs: readonly (readonly string[])[] = [
    facts,
    stackLines(report, en),
    log.length === 0 ? [] : [style.bold('Last lines of its log:'), ...shownLog],
    binariesOf(report, style),
    next.length === 0 ? [] : [style.bold('Next:'), ...next.map(command => `  ${command}`)],
  ]
  return paragraphs
    .filter(lines => lines.length > 0)
    .map(lines => `${lines.join('\n')}\n`)
    .join('\n')
}

/** Empty: it was not seen. */
function factsOf({
  crash,
  report,
  group,
  now,
}: Pick<Page, 'crash' | 'report' | 'group' | 'now'>): readonly (readonly [string, string])[] {
  const { metadata, spec } = crash
  const { process, container, seen } = report
  const age = ageInWords(new Date(metadata.creationTimestamp), now)
  return [
    ['Crash', `${spec.id}   ${metadata.creationTimestamp}, ${age} ago`],
    ['Core', coreOf(crash, report)],
    ['Quota', quotaLines(report, en).join(' ')],
    ['Pod', joined('   ', podOf(crash), restartsOf(report), labelled('node ', spec.node))],
    ['Workload', joined('/', spec.workload?.kind, spec.workload?.name)],
    ['Image', joined('   ', spec.image ?? container?.image)],
    ['Program', joined('   ', programOf(report), labelled('pid ', process?.namespacedPid ?? process?.pid))],
    ['Signal', signalOf(crash, report)],
    [
      'Seen',
      (seen?.count ?? 0) > 1
        ? joined('', String(seen?.count), ' times on its node', labelled(', first ', seen?.first))
        : '',
    ],
    ...groupFacts(group, metadata, now),
    ['Unsure', report.unidentified ?? ''],
  ]
}

function coreOf({ status }: Coredump, { core }: CrashReport): string {
  const { sizeBytes, storedBytes, phase = 'Unknown', compression = '' } = status
  const why = status.incompleteReason ?? core?.incompleteReason
  const size = sizeBytes === undefined ? undefined : bytesInWords(sizeBytes)
  const stored = storedBytes === 0 ? undefined : `${bytesInWords(storedBytes)} stored as ${compression}`
  const kept = phase === 'Suppressed' ? 'one like it was kept' : undefined
  const all = core?.keptAll === undefined ? undefined : `all was kept: ${core.keptAll}`
  return joined(', ', phase, kept, dumpedOf(core), size, stored, blankedIn(core), why ?? all)
}

/** Who reads asterisks in memory is to know why. */
function blankedIn(core: CrashReport['core']): string | undefined {
  const { scrubbed = 0, unscrubbed } = core ?? {}
  const blanked = scrubbed === 0 ? undefined : `secrets blanked in ${scrubbed} places`
  return joined(', ', blanked, labelled('secrets may be left: ', unscrubbed)) || undefined
}

function dumpedOf(core: CrashReport['core']): string | undefined {
  if (core?.dump === undefined) return undefined
  if (isForQuota(core)) return 'stacks only, for the quota'
  return core.dump === 'stacks' ? 'stacks only, as configured' : 'no shared memory, as configured'
}

function podOf({ metadata, spec }: Coredump): string {
  return joined('   ', `${metadata.namespace}/${spec.pod.name}`, labelled('container ', spec.container))
}

function restartsOf({ container }: CrashReport): string | undefined {
  const { restartCount = 0 } = container ?? {}
  return restartCount === 0 ? undefined : `restarted ${restartCount} times before`
}

function programOf({ process }: CrashReport): string | undefined {
  const { arguments: all = [], executable, comm } = process ?? {}
  return all.length > 0 ? all.join(' ') : (executable ?? comm)
}

function signalOf({ spec }: Coredump, { signal }: CrashReport): string {
  const { name, number } = spec.signal ?? {}
  return joined(
    ' ',
    name,
    labelled('', number && `(${number})`),
    signal?.code,
    labelled('at ', signal?.faultAddress),
  )
}

function binariesOf({ binaries = [] }: CrashReport, style: Style): readonly string[] {
  const kept = binaries.filter(({ key, path }) => key !== undefined && path !== undefined)
  if (kept.length === 0) return []
  const lines = kept.slice(0, MOST_BINARIES).map(({ path = '', sizeBytes = 0 }) => {
    return `  ${plain(path)}   ${bytesInWords(sizeBytes)}`
  })
  const more = kept.length > MOST_BINARIES ? [`  and ${kept.length - MOST_BINARIES} more`] : []
  return [style.bold('Programs that were kept:'), ...lines, ...more]
}

const MOST_BINARIES = 5

function joined(between: string, ...parts: readonly (string | undefined)[]): string {
  return parts.filter(part => part !== undefined && part !== '').join(between)
}

function labelled(label: string, value: string | number | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : `${label}${value}`
}
