import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { messageOf } from '../../crash/errors.ts'
import type { Node } from './node.ts'
import { isNoexec } from './noexec.ts'
import type { Outcome } from './run-on-host.ts'

/** Why a program cannot be started on the node, and what a person can do about it. */
interface NotRunning {
  readonly cause: string
  readonly hint: string
}

/** What is known of the place that the program is in. */
interface Surroundings {
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

/** The first cause that fits. */
export function explain(outcome: Outcome, surroundings: Surroundings): NotRunning {
  const ending = { ...outcome, ...surroundings, said: messageOf(outcome.stderr.slice(0, 500)) }
  const { cause, hint } = CAUSES.find(({ fits }) => fits(ending)) ?? UNKNOWN
  return { cause: cause(ending), hint }
}

/** How it ended, and where. */
interface Ending extends Outcome, Surroundings {
  /** What it wrote, without its end. */
  readonly said: string
}

interface Cause {
  readonly fits: (ending: Ending) => boolean
  readonly cause: (ending: Ending) => string
  readonly hint: string
}

const LIBRARY = /error while loading shared libraries: (\S+):/
const ELSEWHERE = 'Name a directory where programs may be started with --install-dir.'

/** chroot(8) and shells end with 126 for "may not be started" and 127 for "not found". */
const CAUSES: readonly Cause[] = [
  {
    fits: ({ code, exitCode, said }) => code === 'ENOENT' && exitCode === null && said === '',
    cause: () =>
      'it could not be tried, because a program is missing: chroot in the image, or the handler itself',
    hint: 'Use the image of CoreDog, which has chroot, or run the installer on the node itself.',
  },
  {
    fits: ({ said }) => /GLIBC\w*_[\d.]+'? not found/.test(said),
    cause: ({ said }) => `the C library of the node is too old (${said})`,
    hint: 'The handler needs glibc 2.28 or newer: use a newer node image, set `fallback.corePattern: true`, or keep CoreDog off by a nodeSelector.',
  },
  {
    fits: ({ said }) => LIBRARY.test(said),
    cause: ({ said }) => `the node has no ${LIBRARY.exec(said)?.[1]}, which the handler needs`,
    hint: 'Install the library on the nodes (libstdc++.so.6 is in the package libstdc++ or libstdc++6), or keep CoreDog off them by a nodeSelector.',
  },
  {
    fits: ({ said, code }) => /[Ee]xec format error|ENOEXEC/.test(`${said} ${code}`),
    cause: () => 'it was built for another kind of processor',
    hint: 'Use the image for the architecture of this node, or a multi-architecture tag.',
  },
  {
    fits: ending => isDenied(ending) && ending.noexec,
    cause: () => 'its file system is mounted noexec',
    hint: ELSEWHERE,
  },
  {
    fits: ending => isDenied(ending) && ending.selinuxEnforcing,
    cause: () => 'SELinux is enforcing and does not let it be started',
    hint: 'Look for "avc: denied" in the audit log of the node; allow the kernel to start a file of this type (`chcon -t bin_t`), or load a policy module.',
  },
  {
    fits: isDenied,
    cause: ({ said, code }) => `may not be started (${said || code})`,
    hint: ELSEWHERE,
  },
  {
    fits: ({ exitCode }) => exitCode === 127,
    cause: () => 'the node has no loader for it (it needs the GNU C library)',
    hint: 'This node cannot run the handler: on musl-only systems and Talos, set `fallback.corePattern: true`, or keep CoreDog off by a nodeSelector.',
  },
]

const UNKNOWN: Omit<Cause, 'fits'> = {
  cause: ({ exitCode, code, said }) =>
    `\`coredog-handler --version\` ended with ${exitCode ?? code ?? 'a signal'}${said === '' ? '' : `: ${said}`}`,
  hint: 'Run the handler with --version on the node itself, and look into the log of its kernel (`dmesg`).',
}

function isDenied({ exitCode, code, said }: Ending): boolean {
  return exitCode === 126 || code === 'EACCES' || /[Pp]ermission denied/.test(said)
}

/** Empty when it is not there: then nothing is known, and the message says less. */
async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
