import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pino } from 'pino'
import type { Config } from '../../config/config.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { Host } from '../../handoff/host.ts'
import { OutboxFolder } from '../../handoff/outbox-folder.ts'
import { encodeHandoff, type HandoffPod, RUN_FILES } from '../../handoff/run-folder.ts'
import { keepGroups, type OneForAll } from '../../installer/groups/keep-groups.ts'
import { tellOfClosedGroups } from '../../installer/outbox/closed-groups.ts'
import { deliverOutbox } from '../../installer/outbox/outbox.ts'
import { watchConditionalWrites } from '../../installer/supply/conditional-writes.ts'

const CLUSTER = 'e2e'

/** One of some nodes that share a kernel: its folders, and what its installer does about groups. */
export class NodeOfFleet implements AsyncDisposable {
  readonly name: string
  readonly config: Config
  readonly outbox: OutboxFolder
  readonly #folder: string
  readonly #lease: OneForAll
  readonly #end = new AbortController()
  #work: Promise<unknown> = Promise.resolve()

  constructor(folder: string, settings: object, lease: OneForAll) {
    const below = (name: string) => path.join(folder, name)
    for (const name of ['state', 'run', 'spool']) mkdirSync(below(name), { recursive: true, mode: 0o700 })
    const paths = { log: below('handler.log'), state: below('state'), run: below('run') }
    const text = JSON.stringify({ cluster: CLUSTER, spool: { dir: below('spool') }, paths, ...settings })
    writeFileSync(below('c'), text, { mode: 0o600 })
    this.name = path.basename(folder)
    this.config = parseConfig(text).config
    this.outbox = new OutboxFolder(below('state/outbox'))
    this.#folder = folder
    this.#lease = lease
    writeFileSync(this.#run('node'), encodeHandoff({ name: this.name, cluster: CLUSTER }))
  }

  /** A core_pattern by which the node that `NODE` in its environment names takes the crash of a process. */
  static pattern(folder: string, kernelArguments: string): string {
    const ofProcess = "tr '\\0' '\\n' < /proc/$1/environ | sed -n 's/^NODE=//p'"
    const script = `#!/bin/sh\nexec ${folder}/h --config=${folder}/$(${ofProcess})/c "$@"\n`
    writeFileSync(path.join(folder, 'd'), script, { mode: 0o755 })
    return `|${folder}/d ${kernelArguments}`
  }

  /** As the API server knows them. */
  handPods(pods: readonly HandoffPod[]): void {
    writeFileSync(this.#run('pods'), JSON.stringify(pods.map(pod => ({ version: 1, ...pod }))))
  }

  get hasTriedStore(): boolean {
    return existsSync(this.#run('conditionalWrites'))
  }

  /** Lines of the handler’s log with that message. */
  said(message: string): number {
    const text = readFileSync(this.config.paths.log, 'utf8')
    return text.split(`"msg":${JSON.stringify(message)}`).length - 1
  }

  begin(): void {
    const { config, name: nodeName } = this
    const [host, log, signal] = [new Host('/'), pino({ level: 'silent' }), this.#end.signal]
    const metrics = { countDelivery: () => undefined, setOutbox: () => undefined }
    const groups = { clusterName: () => CLUSTER, lease: this.#lease, hasApi: () => false }
    this.#work = Promise.all([
      watchConditionalWrites({ config, host, nodeName, log, random: () => 0 }, signal),
      keepGroups({ ...groups, config, host, nodeName, log }, signal),
      tellOfClosedGroups({ config, host, log }, signal),
      deliverOutbox({ config, host, env: {}, metrics, log, hasApi: () => false }, signal),
    ])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    await this.#work
  }

  #run(file: keyof typeof RUN_FILES): string {
    return path.join(this.#folder, 'run', RUN_FILES[file])
  }
}
