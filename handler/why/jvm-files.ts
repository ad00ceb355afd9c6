import path from 'node:path'
import { UntrustedDirectory } from '../../durable/untrusted-directory.ts'
import { LONGEST_COMMAND_LINE_BYTES } from '../../untrusted/command-line.ts'
import type { Proc } from '../identity/proc.ts'
import { type Beginning, beginningOf, isSince } from './beginning.ts'
import { openBelow } from './file-below.ts'
import type { HeldRuntime, RuntimeFile } from './runtime-file.ts'

interface HeldJvm extends HeldRuntime {
  readonly root: UntrustedDirectory
  readonly isTheirs: (file: { uid: number }) => boolean
}

const JVM = /\/libjvm\.so$/

/** What the JVM wrote of the crash, and the file with its version. Nothing is looked for where there is no JVM. */
export async function jvmFiles(held: HeldJvm, proc: Proc): Promise<RuntimeFile[]> {
  const jvm = held.head.files.find(({ path }) => JVM.test(path))?.path
  if (jvm === undefined) return []
  const release = await openRelease(jvm, held, proc).catch(() => null)
  const error = await openError(held, proc).catch(() => null)
  return [release, error].filter(file => file !== null)
}

/** `lib/server/libjvm.so` below the folder that has it, and in JDK 8 `jre/lib/amd64/server/libjvm.so`. */
async function openRelease(jvm: string, { root }: HeldJvm, proc: Proc): Promise<RuntimeFile | null> {
  for (const up of ['../..', '../../..', '../../../..']) {
    const release = path.posix.resolve(path.posix.dirname(jvm), up, 'release')
    const file = await openBelow(root, release, proc)
    if (file !== null) return { kind: 'jvm-release', path: release, ...file }
  }
  return null
}

/** Where it is told to, in its working directory, or in /tmp where it may not write there. */
async function openError(held: HeldJvm, proc: Proc): Promise<RuntimeFile | null> {
  const { thread, pid, root } = held
  const said = errorFileIn(await textsOf(thread, proc), pid)
  // The thread that crashes writes it.
  const beginning = await beginningOf(thread, proc)
  const usual = `hs_err_pid${pid}.log`
  const folder = await proc.link(`${thread}/cwd`)
  await using working = await UntrustedDirectory.open(`${thread}/cwd/.`)
  for (const name of [...(said === null ? [] : [said]), usual, `/tmp/${usual}`]) {
    const isBelowRoot = name.startsWith('/')
    const [from, below] = isBelowRoot ? [root, name] : [working, `/${name}`]
    const file = await openBelow(from, below, proc, stats => isOfCrash(stats, held, beginning))
    if (file !== null)
      return { kind: 'jvm-error', path: isBelowRoot ? name : `${folder ?? ''}/${name}`, ...file }
  }
  return null
}

/** Arguments, and JAVA_TOOL_OPTIONS and the like. */
async function textsOf(thread: string, proc: Proc): Promise<string> {
  const [environment, commandLine] = await Promise.all(
    ['environ', 'cmdline'].map(name => proc.read(`${thread}/${name}`, LONGEST_COMMAND_LINE_BYTES)),
  )
  return `${environment ?? ''}\0${commandLine ?? ''}`
}

const ERROR_FILE = /(?:^|[\0\s="'])-XX:ErrorFile=([^\0\s"']{1,1024})/g

/** The last one counts. `%p` is its pid. */
function errorFileIn(texts: string, pid: number): string | null {
  const said = [...texts.matchAll(ERROR_FILE)].at(-1)?.[1]
  return said?.replace(/%([p%])/g, (_, letter) => (letter === 'p' ? String(pid) : '%')) ?? null
}

/** The JVM gives up writing after two minutes (ErrorLogTimeout). One of an earlier life may have the same name. */
const LONGEST_WRITING_MS = 150_000
const ROUNDED_MS = 2000

function isOfCrash(
  stats: { uid: number; mtimeMs: number },
  { crashedAt, isTheirs }: HeldJvm,
  beginning: Beginning,
): boolean {
  const since = crashedAt === null ? 0 : crashedAt.getTime() - stats.mtimeMs
  return isTheirs(stats) && isSince(stats, beginning) && since < LONGEST_WRITING_MS && since > -ROUNDED_MS
}
