import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { messageOf } from '../../crash/errors.ts'
import type { Node } from './node.ts'
import type { Outcome } from './run-on-host.ts'

/** Why a program cannot be started on the node, and what a person can do about it. */
export interface NotRunning {
  readonly cause: string
  readonly hint: string
}

/** What is known of the place that the program is in. */
export interface Surroundings {
  readonly noexec: boolean
  readonly selinuxEnforcing: boolean
}

/** Starts `<file> --version` on the node, in its own root. `null`: it ran. */
export async function whyItDoesNotRun(node: Node, file: string): Promise<NotRunning | null> {
  const outcome = await node.runOnHost([file, '--version'])
  if (outcome.exitCode === 0) return null
  return explain(outcome, {
    noexec: isNoexec(await textOf('/proc/self/mountinfo'), node.host.path(path.posix.dirname(file))),
    selinuxEnforcing: (await textOf(node.host.path('/sys/fs/selinux/enforce'))).trim() === '1',
  })
}

/** The first cause that fits. chroot(8) and shells end with 126 for "may not be started" and 127 for "not found". */
export function explain(outcome: Outcome, { noexec, selinuxEnforcing }: Surroundings): NotRunning {
  const { exitCode, code, stderr } = outcome
  const said = messageOf(stderr.slice(0, 500))
  if (code === 'ENOENT' && exitCode === null && said === '') return missingChroot
  if (/GLIBC\w*_[\d.]+'? not found/.test(said)) return oldLibc(said)
  const library = /error while loading shared libraries: (\S+):/.exec(said)?.[1]
  if (library !== undefined) return missingLibrary(library)
  if (/[Ee]xec format error|ENOEXEC/.test(`${said} ${code}`)) return wrongMachine
  if (exitCode === 126 || code === 'EACCES' || /[Pp]ermission denied/.test(said)) {
    if (noexec) return noexecMount
    return selinuxEnforcing ? selinux : { cause: `may not be started (${said || code})`, hint: ELSEWHERE }
  }
  if (exitCode === 127) return noLoader
  return {
    cause: `\`coredog-handler --version\` ended with ${exitCode ?? code ?? 'a signal'}${said === '' ? '' : `: ${said}`}`,
    hint: 'Run the handler with --version on the node itself, and look into the log of its kernel (`dmesg`).',
  }
}

const ELSEWHERE = 'Name a directory where programs may be started with --install-dir.'

const missingChroot: NotRunning = {
  cause: 'it could not be tried, because a program is missing: chroot in the image, or the handler itself',
  hint: 'Use the image of CoreDog, which has chroot, or run the installer on the node itself.',
}

const noexecMount: NotRunning = { cause: 'its file system is mounted noexec', hint: ELSEWHERE }

const selinux: NotRunning = {
  cause: 'SELinux is enforcing and does not let it be started',
  hint: 'Look for "avc: denied" in the audit log of the node; allow the kernel to start a file of this type (`chcon -t bin_t`), or load a policy module.',
}

const noLoader: NotRunning = {
  cause: 'the node has no loader for it (it needs the GNU C library)',
  hint: 'This node cannot run the handler: on musl-only systems and Talos, set `fallback.corePattern: true`, or keep CoreDog off by a nodeSelector.',
}

const wrongMachine: NotRunning = {
  cause: 'it was built for another kind of processor',
  hint: 'Use the image for the architecture of this node, or a multi-architecture tag.',
}

function missingLibrary(name: string): NotRunning {
  return {
    cause: `the node has no ${name}, which the handler needs`,
    hint: 'Install the library on the nodes (libstdc++.so.6 is in the package libstdc++ or libstdc++6), or keep CoreDog off them by a nodeSelector.',
  }
}

function oldLibc(said: string): NotRunning {
  return {
    cause: `the C library of the node is too old (${said})`,
    hint: 'The handler needs glibc 2.28 or newer: use a newer node image, set `fallback.corePattern: true`, or keep CoreDog off by a nodeSelector.',
  }
}

/** Whether the mount that `folder` is on, as `mountinfo` of proc(5) has it, lets no program run. */
export function isNoexec(mountinfo: string, folder: string): boolean {
  const options = mountinfo
    .split('\n')
    .map(line => line.split(' '))
    .filter(([, , , , point = '']) => isWithin(folder, point))
    .toSorted((a, b) => (a[4]?.length ?? 0) - (b[4]?.length ?? 0))
    .at(-1)?.[5]
  return options?.split(',').includes('noexec') ?? false
}

function isWithin(folder: string, point: string): boolean {
  return point !== '' && (folder === point || folder.startsWith(point === '/' ? '/' : `${point}/`))
}

/** Empty when it is not there: then nothing is known, and the message says less. */
async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
