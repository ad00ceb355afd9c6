import type { Config } from '../config/config.ts'
import { reasonOf } from '../crash/errors.ts'
import { encodeLog, LOG_FILE, type LogLine } from '../crash/log-text.ts'
import type { CrashReport, ReportLog } from '../crash/report.ts'
import { joined } from '../storage/key.ts'
import { withinSeconds } from '../time/within-seconds.ts'
import { shownArguments } from '../untrusted/command-line.ts'
import type { KnownSecrets } from '../untrusted/known-secrets.ts'
import { clip, plain } from '../untrusted/plain-text.ts'
import type { Capture } from './capture.ts'
import { runtimeWordsIn } from './container-log/runtime-words.ts'
import { folderOf } from './location.ts'
import type { Outside } from './outside.ts'
import type { Secrets } from './secrets.ts'

const MOST_BYTES = 64 * 1024
const LONGEST_LINE = 4096
const LONGEST_WORDS = 600
/** People are to be told, and the report waits behind it. */
const LONGEST_STORING_SECONDS = 10

/** What is kept of a container's log when one of its processes has crashed, without known secrets. */
export interface KeptLog {
  /** Of `log.txt`, below `StoreDir`. */
  readonly key: string
  readonly text: string
  /** What a report says of it. */
  readonly place: ReportLog
  /** What a runtime, or libc, wrote: as it may stand in a chat. */
  readonly words: readonly string[]
}

/** `null`: it has none, or it is not wanted. Not to be called while the process is held. Never rejects. */
export async function keptLogOf(
  capture: Capture,
  secrets: Secrets,
  { collect, storage }: Config,
  { sink }: Pick<Outside, 'sink'>,
): Promise<KeptLog | null> {
  const written = (await capture.log?.lines()) ?? []
  if (written.length === 0) return null
  const known = await secrets.known()
  const last = written.slice(-collect.logLines)
  const lines = withinBytes(last.map(line => ({ ...line, text: shownLine(line.text, known) })))
  const [key, text] = [`${folderOf(capture)}/${LOG_FILE}`, encodeLog(lines)]
  const stored = { key: joined(storage.storeDir, key), url: sink.location(key) }
  return {
    ...{ key, text },
    place: { ...stored, lines: lines.length, sizeBytes: Buffer.byteLength(text) },
    words: runtimeWordsIn(written, capture.time).map(words => inChat(words, known)),
  }
}

/** `report`, and what the runtime said. */
export function withWords(report: CrashReport, log: KeptLog | null): CrashReport {
  if (log === null || log.words.length === 0) return report
  return { ...report, crash: { ...report.crash, lastWords: log.words } }
}

/** What a report says of it from then on: nothing, where the store does not take it. Never rejects. */
export async function storeLog(
  kept: KeptLog | null,
  { sink, log }: Pick<Outside, 'sink' | 'log'>,
): Promise<Pick<CrashReport, 'log'>> {
  if (kept === null) return {}
  try {
    const body = Buffer.from(kept.text)
    await withinSeconds(LONGEST_STORING_SECONDS, sink.put(kept.key, [body], body.length))
    return { log: kept.place }
  } catch (cause) {
    log.warn(reasonOf(cause), 'log of the container not stored')
    return {}
  }
}

/** As many of the last ones as there is room for. */
function withinBytes(lines: readonly LogLine[]): readonly LogLine[] {
  let bytes = 0
  const tooMuch = lines.findLastIndex(line => {
    bytes += Buffer.byteLength(encodeLog([line]))
    return bytes > MOST_BYTES
  })
  return lines.slice(tooMuch + 1)
}

/** A tab is none of the characters that a reader cannot see. */
function shownLine(text: string, known: KnownSecrets): string {
  const cut = known.blank(text).slice(0, 2 * LONGEST_LINE)
  const parts = cut.split('\t').map(part => plain(part, LONGEST_LINE))
  return clip(parts.join('\t'), LONGEST_LINE)
}

/** Also without what looks like a secret, as a command line is. */
function inChat(text: string, known: KnownSecrets): string {
  // In UTF-16LE there is a NUL in each of its characters.
  const blanked = known.blank(text).replaceAll('\0', ' ').replaceAll('\t', '  ')
  const shown = shownArguments(blanked, known).join(' ')
  return plain(shown.trimEnd(), LONGEST_WORDS)
}
