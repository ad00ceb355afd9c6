import { text } from 'node:stream/consumers'
import type { IndexEntry } from '../../crash/index-entry.ts'
import { indexedFolder } from '../../crash/index-entry.ts'
import { LOG_FILE } from '../../crash/log-text.ts'
import { readReport } from '../../crash-index/read-report.ts'
import { LANGUAGES } from '../../notify/language/all.ts'
import { stackLines } from '../../notify/stacks.ts'
import type { ObjectInfo } from '../../storage/object-store.ts'
import { plainLines } from '../../untrusted/plain-text.ts'
import type { ResourceRequest } from '../resource-request.ts'
import { notFound, tooLarge } from '../status-error.ts'
import { crashAsked } from './crash-asked.ts'
import { logDownload } from './download-line.ts'
import { ofStore } from './of-store.ts'
import { sendText } from './send-text.ts'
import type { Streaming } from './streaming.ts'

const TEXT = 'text/plain; charset=utf-8'
/** As much of a report is read anywhere. */
const LARGEST_REPORT_BYTES = 1 << 20

/** Ours have a hundred KiB. Escaped, a character may have nine times as many bytes. */
const LARGEST_LOG_BYTES = 1 << 18

/**
 * The last lines of the log of its container: harmless, for `kubectl get --raw` writes them to a terminal. With
 * `raw=true` as they were stored, for programs.
 */
export async function serveLog(asked: ResourceRequest, streaming: Streaming): Promise<void> {
  const entry = await crashAsked(asked, streaming)
  const info = await look(asked, entry, LOG_FILE, streaming)
  if (asked.query.get('raw') !== 'true') return await sendLog(asked, info, streaming)
  await streaming.downloads.send(asked, { what: 'log', type: TEXT, savedAs: `${entry.id}.log`, info })
}

async function sendLog(asked: ResourceRequest, info: ObjectInfo, { store, log }: Streaming): Promise<void> {
  const { key, sizeBytes } = info
  if (sizeBytes > LARGEST_LOG_BYTES)
    throw tooLarge(`the log has ${sizeBytes} bytes: ask for it with ?raw=true`)
  const range = { lastByte: LARGEST_LOG_BYTES - 1, signal: asked.signal }
  const said = sizeBytes === 0 ? '' : await ofStore(asked, log, async () => text(await store.get(key, range)))
  sendText(asked, TEXT, plainLines(said))
  const transfer = { bytes: sizeBytes, storeFailure: null }
  logDownload(log, asked, { what: 'log', outcome: 'complete', transfer, wantedBytes: sizeBytes })
}

/** `report.json` as it is stored. */
export async function serveReport(asked: ResourceRequest, streaming: Streaming): Promise<void> {
  const entry = await crashAsked(asked, streaming)
  const info = await look(asked, entry, REPORT_FILE, streaming)
  if (info.sizeBytes > LARGEST_REPORT_BYTES) throw tooLarge(`the report has ${info.sizeBytes} bytes`)
  const savedAs = `${entry.id}.report.json`
  await streaming.downloads.send(asked, { what: 'report', type: 'application/json', savedAs, info })
}

/** Why it crashed and all stacks, for people. */
export async function serveBacktrace(asked: ResourceRequest, streaming: Streaming): Promise<void> {
  const entry = await crashAsked(asked, streaming)
  const report = await ofStore(asked, streaming.log, () => readReport(streaming.store, entry))
  if (report === null) throw notFound('coredumps/backtrace', asked.name ?? '')
  const lines = stackLines(report, LANGUAGES.en)
  sendText(asked, TEXT, lines.map(line => `${line}\n`).join(''))
}

const REPORT_FILE = 'report.json'

async function look(asked: ResourceRequest, entry: IndexEntry, file: string, { store, log }: Streaming) {
  const info = await ofStore(asked, log, () => store.look(`${indexedFolder(entry)}/${file}`))
  if (typeof info === 'string') throw notFound(`coredumps/${asked.subresource}`, asked.name ?? '')
  return info
}
