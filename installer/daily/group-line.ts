import type { CrashReport } from '../../crash/report.ts'
import type { GroupSummary } from '../../groups/group-summary.ts'
import { plain } from '../../untrusted/plain-text.ts'

/** One group, by what its nodes count and the newest of its crashes that has a report. */
export interface DailyGroup {
  /** `_groups/<cluster>/<namespace>/<workload>/<site>`. */
  readonly folder: string
  readonly summary: GroupSummary
  /** `null`: it cannot be read. */
  readonly report: CrashReport | null
  /** Where that is. */
  readonly url: string | null
}

/**
 * JSON, without its end, in the words of report.json; each field in each line. Of what a program said there is nothing:
 * no arguments, no log, and no sentence of why, which may quote it.
 */
export function groupLine({ folder, summary, report, url }: DailyGroup): string {
  const [, , namespace = '', workload = ''] = folder.split('/')
  const { crashes, pods, nodes, first, last, images } = summary
  const { group, fingerprint, site, reasonCode } = report?.crash ?? {}
  return JSON.stringify({
    ...{ countedIn: folder, namespace, workload, container: shown(report?.container?.name) },
    ...{ crashes, pods, nodes, first: first.toISOString(), last: last.toISOString() },
    ...{ images: images.map(image => plain(image)) },
    ...{ group: shown(group), fingerprint: shown(fingerprint), site: shown(site) },
    ...{ signal: report?.signal?.number ?? null, signalName: shown(report?.signal?.name) },
    ...{ reasonCode: shown(reasonCode), ...placeOf(report), url: report === null ? null : url },
  })
}

interface Place {
  readonly function?: string
  readonly file?: string
  readonly line?: number
  readonly module?: string
}

/** Where in its own code it crashed, as far as that has a name. */
function placeOf(report: CrashReport | null) {
  const { frames = [], interpreterFrames = [], module } = report?.crash ?? {}
  const isOwn = (frame: { readonly own?: boolean }) => frame.own === true
  const place: Place = interpreterFrames.find(isOwn) ?? frames.find(isOwn) ?? frames[0] ?? {}
  return {
    ...{ function: shown(place.function), file: shown(place.file), line: place.line ?? null },
    module: shown(place.module ?? module),
  }
}

/** A program chose it. */
function shown(text: string | undefined): string | null {
  return text === undefined ? null : plain(text)
}
