import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { type CgroupMount, parseCgroupMounts } from '../installer/node/cgroup-mounts.ts'
import { eventually } from '../test/e2e/eventually.ts'

const PODS = 'coredog-bench-pods'

// As many as words follow that do nothing but count. Their process group ends with its stdin, and so with us.
const COUNT = `
  echo $$ >"$1" && shift
  for _; do sh -c 'while :; do :; done' & done
  read -r _; kill 0
`
const START_SECONDS = 30

/**
 * Pods that want four times the CPUs that there are, in a cgroup of the weight that the kubelet gives to all
 * pods, and a pod beside them, which crashes.
 */
export class BusyNode implements AsyncDisposable {
  readonly loops = 4 * availableParallelism()
  readonly #version: CgroupMount['version']
  readonly #folders: readonly string[]
  readonly #cleanUp = new AsyncDisposableStack()

  private constructor(mount: CgroupMount) {
    this.#version = mount.version
    const pods = path.join(mount.mountPoint, PODS)
    this.#folders = [pods, path.join(pods, 'busy'), path.join(pods, 'crashed')]
  }

  /** `null`: no cgroup of this machine has a weight. */
  static find(): BusyNode | null {
    const mount = cpuMount()
    return mount === undefined ? null : new BusyNode(mount)
  }

  /** From here on the CPUs are busy. */
  async start(): Promise<void> {
    this.#make()
    await this.#keepBusy()
  }

  /** A command that starts, by the words behind it, a process of the pod that crashes; not before {@link start}. */
  get crashedBy(): readonly string[] {
    return ['sh', '-c', 'echo $$ >"$0" && exec "$@"', this.#procsFile(2)]
  }

  #make(): void {
    const version = this.#version
    this.#cleanUp.defer(() => this.#remove())
    const [pods = ''] = this.#folders
    for (const folder of this.#folders) {
      mkdirSync(folder, { recursive: true })
      if (version === 2 && folder === pods) writeFileSync(path.join(folder, 'cgroup.subtree_control'), '+cpu')
    }
    const [file, weight] = version === 1 ? ['cpu.shares', shares()] : ['cpu.weight', weightOf(shares())]
    writeFileSync(path.join(pods, file), String(weight))
  }

  async #keepBusy(): Promise<void> {
    const words = Array.from({ length: this.loops }, (_, at) => String(at))
    const shell = spawn('sh', ['-c', COUNT, 'sh', this.#procsFile(1), ...words], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    const gone = once(shell, 'exit')
    this.#cleanUp.defer(async () => {
      shell.stdin.end()
      await gone
      await eventually(
        'the end of what keeps the CPUs busy',
        START_SECONDS,
        () => this.#busy() === 0 || undefined,
      )
    })
    await eventually('busy CPUs', START_SECONDS, () => this.#busy() > this.loops || undefined)
  }

  #busy(): number {
    return readFileSync(this.#procsFile(1), 'utf8').split('\n').length - 1
  }

  #procsFile(place: number): string {
    return path.join(this.#folders[place] ?? '', 'cgroup.procs')
  }

  #remove(): void {
    for (const folder of this.#folders.toReversed()) rmdirSync(folder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanUp.disposeAsync()
  }
}

function cpuMount(): CgroupMount | undefined {
  return parseCgroupMounts(readFileSync('/proc/1/mountinfo', 'utf8')).find(mount =>
    mount.version === 1 ? mount.controllers.includes('cpu') : hasCpu(mount),
  )
}

function hasCpu({ mountPoint }: CgroupMount): boolean {
  return readFileSync(path.join(mountPoint, 'cgroup.subtree_control'), 'utf8').split(/\s+/).includes('cpu')
}

/** Of kubepods. */
function shares(): number {
  return 1024 * availableParallelism()
}

/** As the kubelet makes a weight of shares. */
function weightOf(cpuShares: number): number {
  return 1 + Math.floor(((cpuShares - 2) * 9999) / 262_142)
}
