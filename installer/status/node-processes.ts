import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { parseCgroup } from '../../crash/cgroup.ts'
import { Remembered } from './remembered.ts'

/** Processes of one container, by their numbers on the node. */
export interface ContainerProcesses {
  readonly pids: readonly number[]
  /** All of them; {@link pids} are the first. */
  readonly count: number
}

const NONE: ContainerProcesses = { pids: [], count: 0 }
const FOR_SECONDS = 5
const FOR_SECONDS_IN_VAIN = 1
/** Of a node; beyond it there are processes that nobody is told of. */
const MOST_PROCESSES = 65_536
const MOST_PER_CONTAINER = 16
const AT_ONCE = 32

/** Which processes are in which container, by the kernel's word. */
export class NodeProcesses {
  readonly #procFolder: string
  readonly #scan: Remembered<ReadonlyMap<string, ContainerProcesses>>

  constructor(procFolder: string, now?: () => number) {
    this.#procFolder = procFolder
    this.#scan = new Remembered(() => this.#look(), FOR_SECONDS, now)
  }

  async of(containerId: string): Promise<ContainerProcesses> {
    const found = (await this.#scan.get()).get(containerId)
    // It may have started since.
    return found ?? (await this.#scan.get(FOR_SECONDS_IN_VAIN)).get(containerId) ?? NONE
  }

  async #look(): Promise<ReadonlyMap<string, ContainerProcesses>> {
    const names = await readdir(this.#procFolder)
    const pids = names.filter(name => /^\d{1,10}$/.test(name)).map(Number)
    const found = new Map<string, { pids: number[]; count: number }>()
    pids.splice(MOST_PROCESSES)
    for (let at = 0; at < pids.length; at += AT_ONCE) {
      const some = pids.slice(at, at + AT_ONCE)
      const containers = await Promise.all(some.map(pid => containerOf(this.#procFolder, pid)))
      for (const [index, containerId] of containers.entries())
        if (containerId !== null) enter(found, containerId, some[index] ?? 0)
    }
    return found
  }
}

function enter(found: Map<string, { pids: number[]; count: number }>, containerId: string, pid: number) {
  const processes = found.get(containerId) ?? { pids: [], count: 0 }
  processes.count += 1
  if (processes.pids.length < MOST_PER_CONTAINER) processes.pids.push(pid)
  found.set(containerId, processes)
}

/** `null`: none, or the process has ended. */
export async function containerOf(procFolder: string, pid: number): Promise<string | null> {
  const text = await readFile(path.join(procFolder, `${pid}`, 'cgroup'), 'utf8').catch(() => '')
  return parseCgroup(text)?.containerId ?? null
}
