import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import { CGROUP } from '../test/fakes/checkout-pod.ts'
import { elfCore } from '../test/fakes/elf-core.ts'

const PID_IN_CONTAINER = 7

const CGROUPS = {
  pod: `0::/${CGROUP}\n`,
  host: '0::/system.slice/checkout.service\n',
}

// As proc_pid_status(5) has it, but for what is not read.
const STATUS = [
  'Name:\tcheckout',
  'CoreDumping:\t1',
  `NStgid:\t4242\t${PID_IN_CONTAINER}`,
  'Uid:\t1000\t1000\t1000\t1000',
  'Gid:\t1000\t1000\t1000\t1000',
  'Threads:\t1',
  'VmRSS:\t     300 kB',
  '',
].join('\n')

// In a mount namespace of its own, the files of the shell's thread in /proc show what those of a crashed one would;
// as-kernel takes over its pid. The kernel is not involved, so no core_pattern is changed.
const PRETEND = `
  cd /proc/$$/task/$$ && mount --bind "$1" status && mount --bind "$2" cgroup &&
    mount --bind "$8" /proc/sys/kernel/core_pipe_limit || exit 1
  exec "$3" "$4" "$5" "--config=$6" $$ checkout "$7" 11 $$ 1 0 ''
`

const NAMESPACES = ['--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])]

/** Of a process that dumps a small core: of the node itself, or of a pod. */
export class PretendedCrash {
  readonly #folder: string

  constructor(folder: string, coreBytes: number) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
    const memory = [{ address: 0x400000n, bytes: Buffer.alloc(coreBytes, 'heap') }]
    writeFileSync(this.#file('core'), elfCore({ pid: PID_IN_CONTAINER, comm: 'checkout', memory }))
    writeFileSync(this.#file('status'), STATUS)
    writeFileSync(this.#file('limit'), '1000\n')
    for (const [owner, text] of Object.entries(CGROUPS)) writeFileSync(this.#file(owner), text)
  }

  /** Why this machine does not let us; `null`: it does. */
  static async obstacle(): Promise<string | null> {
    const {
      failed,
      stderr = '',
      shortMessage = '',
    } = await execa('unshare', [...NAMESPACES, 'true'], {
      reject: false,
      timeout: 10_000,
    })
    return failed ? stderr || shortMessage : null
  }

  /** The command that starts `handler` by `asKernel` for it. */
  command(owner: keyof typeof CGROUPS, asKernel: string, handler: string, configFile: string): string[] {
    const files = [this.#file('status'), this.#file(owner), asKernel, this.#file('core'), handler, configFile]
    const crashedAt = String(Math.floor(Date.now() / 1000))
    return ['unshare', ...NAMESPACES, 'sh', '-c', PRETEND, 'sh', ...files, crashedAt, this.#file('limit')]
  }

  #file(name: string): string {
    return path.join(this.#folder, name)
  }
}
