import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { eventually } from '../../test/e2e/eventually.ts'
import type { ApiAddress, PretendedNode } from './pretended-node.ts'

const READY_SECONDS = 60
const CLOCK_TICKS = 100

/** An installer in a process of its own, as built. */
export class RunningInstaller implements AsyncDisposable {
  readonly #child: ReturnType<typeof spawn>
  readonly #port: number
  #said = ''

  /** Resolves once a crash would be collected. */
  static async start(node: PretendedNode, kube: ApiAddress, signal: AbortSignal): Promise<RunningInstaller> {
    const installer = new RunningInstaller(node, kube, await freePort(), signal)
    await installer.#ready()
    return installer
  }

  private constructor(node: PretendedNode, kube: ApiAddress, port: number, signal: AbortSignal) {
    const [program, ...args] = node.command(kube, port)
    const env = node.environment(kube.port)
    this.#port = port
    this.#child = spawn(program, args, { env, signal, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.on('error', () => undefined) // by `signal`: whoever waits hears of it
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', text => {
        this.#said = `${this.#said}${text}`.slice(-8192)
      })
  }

  /** Its processor time so far, of user and system. */
  get cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS
  }

  get residentBytes(): number {
    return this.#bytes('VmRSS')
  }

  get peakBytes(): number {
    return this.#bytes('VmHWM')
  }

  async series(): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.#port}/metrics`)).text()
    return text.split('\n').filter(line => /^\w/.test(line)).length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exit
  }

  #bytes(name: string): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1])
  }

  async #ready(): Promise<void> {
    await eventually('an installer that is ready', READY_SECONDS, async () => {
      if (this.#child.exitCode !== null) throw new Error(`it ended: ${this.#said}`)
      const answer = await fetch(`http://127.0.0.1:${this.#port}/readyz`)
      if (answer.status !== 200) throw new Error(`${await answer.text()}\n${this.#said}`)
      return true
    })
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listens on TCP
  server.close()
  return port
}
