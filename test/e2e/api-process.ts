import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { KubeAccess } from '../../kube/access.ts'
import { freePort } from '../free-port.ts'

/** The sources; `COREDOG_API` names the executable to try instead: `dist/coredog-handler`. */
const PROGRAM: Program =
  process.env.COREDOG_API === undefined
    ? { command: [process.execPath, path.join(import.meta.dirname, '../../api/main.ts')] }
    : { command: [path.resolve(process.env.COREDOG_API), 'api'] }
const LOGGED = 10_000

export interface Program {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface StartOptions {
  readonly access: KubeAccess
  /** Where coredog.yaml is. */
  readonly folder: string
  readonly port: number
  readonly options: readonly string[]
  readonly program?: Program | undefined
}

/** `coredog-handler api run` from the sources, in a mount namespace, where it finds a pod's credentials. */
export class ApiProcess implements AsyncDisposable {
  readonly port: number
  readonly metricsPort: number
  /** Lines of its log, each JSON. */
  readonly lines: string[] = []
  readonly #options: StartOptions
  #child: ChildProcess

  private constructor(options: StartOptions, metricsPort: number) {
    this.port = options.port
    this.metricsPort = metricsPort
    this.#options = options
    this.#child = this.#spawn()
  }

  static async start(options: StartOptions): Promise<ApiProcess> {
    return new ApiProcess(options, await freePort())
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  metrics(): Promise<string> {
    return fetch(`http://127.0.0.1:${this.metricsPort}/metrics`).then(answer => answer.text())
  }

  /** Returns its exit code; `null`: it was killed. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode
    const gone = once(this.#child, 'exit')
    this.#child.kill(signal)
    const [code] = await gone
    return code
  }

  startAgain(): void {
    this.#child = this.#spawn()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #spawn(): ChildProcess {
    const { access, folder, options, program = PROGRAM } = this.#options
    const { hostname, port: apiPort } = new URL(access.url)
    const script = path.join(import.meta.dirname, 'pod-credentials.sh')
    const credentials = [access.tokenFile, access.caFile, access.namespaceFile].map(String)
    const ports = ['--port', String(this.port), '--metrics-port', String(this.metricsPort)]
    const args = [
      ...program.command,
      'run',
      ...ports,
      '--config-dir',
      folder,
      '--secrets-dir',
      folder,
      ...options,
    ]
    const kubernetes = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: apiPort }
    const child = spawn('unshare', ['--mount', 'sh', script, ...credentials, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, ...program.env, ...kubernetes },
    })
    createInterface(child.stdout as Readable).on('line', line => {
      this.lines.push(line)
      if (this.lines.length > LOGGED) this.lines.shift()
    })
    return child
  }
}
