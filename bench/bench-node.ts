import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ROOT } from '../build/bundle.ts'
import { ownArchitecture } from '../build/node-binary.ts'
import type { CrashReport, ReportCore } from '../crash/report.ts'

/** The official Node that npm brings, and of which the handler is made. */
export const NODE = path.join(ROOT, `node_modules/node-linux-${ownArchitecture()}/bin/node`)
export const HANDLER = path.join(ROOT, 'dist/coredog-handler')

/** What the handler said of a crash that it stored. */
interface SaidStored {
  readonly storedAtMs: number
  readonly report: CrashReport
}

/** The folders and the configuration of a node on which a handler is measured. */
export class BenchNode {
  readonly #folder: string
  readonly configFile: string

  /** Settings are those of a coredog.yaml, beside the node's own paths. */
  constructor(folder: string, settings: object) {
    this.#folder = folder
    this.configFile = path.join(folder, 'coredog.yaml')
    const below = (name: string) => path.join(folder, name)
    for (const name of ['store', 'state', 'run', 'spool']) mkdirSync(below(name), { recursive: true })
    const config = {
      StorageConfig: { protocol: 'cfs', CFSMountPath: below('store') },
      collect: { pods: 'all', hostProcesses: 'collect' },
      cri: { sockets: [] },
      dedupe: { window: '0s' },
      limits: { perWorkload: 0 },
      spool: { dir: below('spool') },
      paths: { log: this.#log, state: below('state'), run: below('run') },
      ...settings,
    }
    // JSON is YAML too.
    writeFileSync(this.configFile, JSON.stringify(config))
  }

  get #log(): string {
    return path.join(this.#folder, 'handler.log')
  }

  /** What the handler that ran last said; throws if it was anything but that it stored one crash. */
  takeStored(): SaidStored {
    const text = readFileSync(this.#log, 'utf8')
    rmSync(this.#log)
    return parseStored(text)
  }
}

/** Of a handler's log with one line. */
export function parseStored(text: string): SaidStored {
  const [line, ...more] = text.split('\n').filter(Boolean)
  const said = JSON.parse(line ?? '{}') as { time?: string; msg?: string; report?: CrashReport }
  const { time = '', msg, report } = said
  if (msg !== 'crash stored' || report === undefined || more.length > 0)
    throw new Error(`Cannot measure a crash that was not stored: the handler said ${text}`)
  return { storedAtMs: Date.parse(time), report }
}

/** The core of a report; throws if it was cut. */
export function wholeCore({ core }: CrashReport): ReportCore {
  if (core?.complete !== true) throw new Error(`Cannot measure half a core: ${core?.incompleteReason}`)
  return core
}
