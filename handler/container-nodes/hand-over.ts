import { closeSync, constants, existsSync, openSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { type KernelArgs, kernelArgv, parseKernelArgs } from '../../crash/kernel-args.ts'
import { type Addon, addon } from '../native/addon.ts'
import { type Init, initsAbove } from './inits-above.ts'
import { isMachinesRoot } from './machines-root.ts'
import { cgroupOf } from './node-cgroup.ts'
import { readStanding } from './process-standing.ts'
import { shownHandler } from './shown-handler.ts'

/** Of the node. That of users is the machine's. */
const NAMESPACES = ['ipc', 'uts', 'net', 'cgroup', 'pid', 'mnt']
const STDIN = 0

/**
 * Hands the crash of a process in a node that is a container to the handler there, as the kernel would have started
 * it, had the node one of its own: with the pids of the node, and the kernel's own pipe. `false`: it is in none.
 * Throws if it is, and cannot be handed over.
 *
 * All of it is synchronous: the process is held, and nothing else is to be done.
 */
export function handOver(argv: readonly string[]): boolean {
  const args = parseKernelArgs(argv)
  for (const init of initsAbove(args.pid, pid => readStanding(`/proc/${pid}`)))
    if (enter(init, args)) return true
  return false
}

/** By descriptors: what they lead to stays one process, and is all that was looked at. */
function enter(init: Init, args: KernelArgs): boolean {
  using opened = new DisposableStack()
  const open = (file: string, flags = constants.O_RDONLY) => opened.adopt(openSync(file, flags), closeSync)
  const folder = `/proc/self/fd/${open(`/proc/${init.pid}`, constants.O_DIRECTORY)}`
  if (readStanding(folder)?.pids.at(init.depth) !== 1 || !isMachinesRoot(folder)) return false
  const root = open(`${folder}/root`, constants.O_DIRECTORY)
  const handler = shownHandler(`/proc/self/fd/${root}`)
  if (handler === null) return false
  joinCgroup(folder)
  const namespaces = NAMESPACES.map(name => `${folder}/ns/${name}`).filter(existsSync)
  start(
    namespaces.map(file => open(file)),
    root,
    [handler, ...kernelArgv(inNode(args, init))],
    args,
  )
  return true
}

/** The node knows its processes by other numbers. */
function inNode(args: KernelArgs, { depth }: Init): KernelArgs {
  const { pid, threadId } = args
  const [nodesPid, nodesThread] = [pid, threadId ?? pid].map(
    id => readStanding(`/proc/${pid}/task/${id}`)?.pids[depth],
  )
  if (nodesPid === undefined || nodesThread === undefined)
    throw new OperatorError(
      `Cannot hand the crash of process ${pid} to its node: the process is gone`,
      'Keep other software from writing kernel.core_pipe_limit: the kernel is to wait for the handler.',
    )
  return { ...args, pid: nodesPid, ...(threadId !== undefined && { threadId: nodesThread }) }
}

/**
 * As systemd has cgroups mounted, a process moves within its namespace of them alone, and the node's handler is to
 * move. Without, it works as well, and has no limit.
 */
function joinCgroup(folder: string): void {
  const cgroup = cgroupOf(folder)
  try {
    if (cgroup !== null) writeFileSync(path.join(cgroup, 'cgroup.procs'), '0')
  } catch {
    // A cgroup that has others below it takes no process.
  }
}

function start(
  namespaces: readonly number[],
  root: number,
  words: readonly string[],
  { pidFd }: Pick<KernelArgs, 'pidFd'>,
): void {
  const command = Buffer.from(words.map(word => `${word}\0`).join(''))
  try {
    native().startIn(namespaces, root, command, pidFd === undefined ? [STDIN] : [STDIN, pidFd])
  } catch (cause) {
    throw new OperatorError(
      `Cannot start the handler of the node: ${messageOf(cause)}`,
      'Run its `coredog-handler --version` in the node, and look into the log of the kernel (`dmesg`).',
      cause,
    )
  }
}

function native(): Addon {
  const found = addon()
  if (found !== null) return found
  throw new Error('the addon of the handler cannot be loaded: coredog-handler --version says why')
}
