import { filesInMaps } from '../../crash/mapped-file.ts'
import type { Proc } from '../../handler/identity/proc.ts'

/**
 * A process whose thread `threadId` dumps core in a container, as Linux 6.18 shows it. Its first thread has
 * left by pthread_exit, if it is another. Tests override what they are about.
 */
export function dumpingProcess(
  pid: number,
  overrides: Record<string, string | null> = {},
  threadId = pid,
): Record<string, string | null> {
  const thread = `/proc/${pid}/task/${threadId}`
  return {
    ...leader(pid),
    [`${thread}/stat`]: `${threadId} (my (odd) app) S 1 ${pid} ${pid} 0 -1 4194816 99 0 0 0 1 2 0 0 20 0 3 0 ${STARTED} 5000 300`,
    [`${thread}/status`]: [
      'Name:\tmy (odd) app',
      `Tgid:\t${pid}`,
      `Pid:\t${threadId}`,
      'Uid:\t10001\t10001\t10001\t10001',
      'Gid:\t10002\t10002\t10002\t10002',
      `NStgid:\t${pid}\t7`,
      `NSpid:\t${threadId}\t${7 + threadId - pid}`,
      'VmRSS:\t    2048 kB',
      'VmSwap:\t    1024 kB',
      'HugetlbPages:\t       0 kB',
      'CoreDumping:\t1',
      'Threads:\t3',
      '',
    ].join('\n'),
    [`${thread}/cgroup`]: `0::/kubepods/besteffort/pod${POD_UID}/${CONTAINER_ID}\n`,
    [`${thread}/exe`]: '/app/server',
    [`${thread}/cmdline`]: '/app/server\0--password=hunter2\0--port\x008080\0',
    '/proc/self/fdinfo/3': `pos:\t0\nflags:\t02000002\nPid:\t${pid}\nNSpid:\t${pid}\n`,
    ...overrides,
  }
}

function leader(pid: number): Record<string, string | null> {
  return {
    [`/proc/${pid}/task/${pid}/stat`]: `${pid} (app) Z 1 ${pid} ${pid} 0 -1 4194380 99 0 0 0 1 2 0 0 20 0 3 0 123000 0 0`,
    [`/proc/${pid}/task/${pid}/status`]: `Name:\tapp\nState:\tZ (zombie)\nTgid:\t${pid}\nPid:\t${pid}\nNStgid:\t${pid}\t7\nNSpid:\t${pid}\t7\nThreads:\t3\n`,
    [`/proc/${pid}/task/${pid}/cgroup`]: '0::/\n',
    [`/proc/${pid}/task/${pid}/cmdline`]: '',
  }
}

export const STARTED = 123456
export const POD_UID = '0b6d7a9e-5c1f-4c5e-9a53-2f1f6f0b6a11'
export const CONTAINER_ID = 'ab'.repeat(32)

/**
 * /proc as a table of texts; a link is a text as well, and memory is the same wherever it is read. `onRead`
 * sees each path before it is answered.
 */
export function fakeProc(
  files: Record<string, string | null>,
  onRead: (path: string) => void = () => undefined,
): Proc {
  const look = (path: string) => {
    onRead(path)
    return Promise.resolve(files[path] ?? null)
  }
  const memory = async (path: string, _at: bigint, lengthBytes: number) => {
    const text = await look(path)
    return text === null ? null : Buffer.from(text, 'latin1').subarray(0, lengthBytes)
  }
  const mappedFiles = async (path: string) => {
    const text = await look(path)
    return text === null ? null : [...filesInMaps(Buffer.from(text))]
  }
  const names = async (path: string, most: number) => {
    const below = Object.keys(files).filter(file => file.startsWith(`${path}/`))
    return [...new Set(below.map(file => file.slice(path.length + 1).split('/')[0] ?? ''))].slice(0, most)
  }
  const open = async (path: string) => {
    await look(path)
    return null
  }
  const openMemory = async (path: string) => {
    const text = await look(path)
    if (text === null) return null
    const bytes = Buffer.from(text, 'latin1')
    return { read: async (_at: bigint, into: Buffer) => bytes.copy(into), close: () => undefined }
  }
  return { read: look, link: look, names, mappedFiles, memory, openMemory, open }
}
