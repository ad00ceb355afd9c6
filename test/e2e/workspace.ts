import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import { processesOfPods, removeCgroupsOfPods } from './cgroups.ts'
import { containerdDirectory, networkNamespaces } from './containerd.ts'
import { eventually } from './eventually.ts'

// Short: core_pattern holds 127 bytes, and it names three files in here; a socket's path holds 107.
const PARENT = '/tmp'
const PREFIX = 'cd-'
const MARK = '.coredog-e2e'

/** A new directory for one world. {@link clearWorkspace} takes it away, with all that lives in it. */
export function makeWorkspace(): string {
  const dir = mkdtempSync(path.join(PARENT, PREFIX))
  writeFileSync(path.join(dir, MARK), `${process.pid}\n`)
  return dir
}

/**
 * Clears what runs that were killed have left. Only for the run that owns the kernel's core_pattern: no other
 * can have a world then, so every workspace found is an orphan.
 */
export async function sweepWorkspaces(): Promise<void> {
  const found = readdirSync(PARENT).filter(
    name => name.startsWith(PREFIX) && name.length === PREFIX.length + 6,
  )
  for (const dir of found.map(name => path.join(PARENT, name))) {
    if (existsSync(path.join(dir, MARK))) await clearWorkspace(dir)
  }
}

/** Ends the processes that live in `dir`, unmounts what is mounted there, and removes it. */
export async function clearWorkspace(dir: string): Promise<void> {
  // First containerd and its shims, or they would bring back what we take away.
  await end(() => processesNaming(dir))
  await end(() => processesOfPods(podsOf(dir)))
  removeShimSockets(dir)
  // With each goes its cable to this machine, whose address the pods of the next run would have as well.
  for (const name of networkNamespaces(dir)) await execa('ip', ['netns', 'delete', name], { reject: false })
  for (const mount of mountsUnder(dir)) await execa('umount', ['--lazy', mount])
  removeCgroupsOfPods(podsOf(dir))
  rmSync(dir, { recursive: true, force: true })
}

/** The uids of the pods that ran there, by their logs. */
function podsOf(dir: string): string[] {
  const logs = podLogs(dir)
  // A kubelet calls them NAMESPACE_NAME_UID.
  return existsSync(logs) ? readdirSync(logs).map(name => name.split('_').at(-1) ?? name) : []
}

/** Each pod has a folder there, called by its uid, before anything of it runs. */
export function podLogs(workspace: string): string {
  return path.join(workspace, 'logs')
}

async function end(find: () => number[]): Promise<void> {
  await eventually('processes of an earlier world to end', 20, () => {
    const alive = find()
    for (const pid of alive) kill(pid)
    return alive.length === 0 || undefined
  })
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
  }
}

/** The programs of a world, by name; the handler and its witness are known by lying in the workspace. */
const PROGRAMS = new Set([
  ...['containerd', 'containerd-shim-runc-v2', 'runc', 'versitygw'],
  ...['kubelet', 'kube-scheduler', 'kube-controller-manager'],
])

/** Processes of our programs with a file of `dir` on their command line. */
function processesNaming(dir: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      const [program = '', ...args] = commandLine(pid)
      const ours = PROGRAMS.has(path.basename(program)) && args.some(arg => arg.includes(`${dir}/`))
      return ours || program.startsWith(`${dir}/`)
    })
    .map(Number)
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return []
    throw thrown
  }
}

/** A shim's socket is in /run/containerd/s whatever containerd's own directories are. */
function removeShimSockets(dir: string): void {
  const bundles = path.join(containerdDirectory(dir), 'state/io.containerd.runtime.v2.task/k8s.io')
  if (!existsSync(bundles)) return
  for (const id of readdirSync(bundles)) {
    const address = path.join(bundles, id, 'address')
    if (existsSync(address)) rmSync(readFileSync(address, 'utf8').replace(/^unix:\/\//, ''), { force: true })
  }
}

/** The deepest first. */
function mountsUnder(dir: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' ')[1] ?? '')
    .filter(mount => mount.startsWith(`${dir}/`))
    .reverse()
}
