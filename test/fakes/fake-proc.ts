import type { Proc } from '../../handler/proc.ts'

/** A process that dumps core in a container, as Linux 6.18 shows it. Tests override what they are about. */
export function dumpingProcess(
  pid: number,
  overrides: Record<string, string | null> = {},
): Record<string, string | null> {
  return {
    [`/proc/${pid}/stat`]: `${pid} (my (odd) app) S 1 ${pid} ${pid} 0 -1 4194560 99 0 0 0 1 2 0 0 20 0 3 0 ${STARTED} 5000 300`,
    [`/proc/${pid}/status`]: [
      'Name:\tmy (odd) app',
      `Pid:\t${pid}`,
      'Uid:\t10001\t10001\t10001\t10001',
      'Gid:\t10002\t10002\t10002\t10002',
      `NSpid:\t${pid}\t7`,
      'VmRSS:\t    2048 kB',
      'VmSwap:\t    1024 kB',
      'HugetlbPages:\t       0 kB',
      'CoreDumping:\t1',
      'Threads:\t3',
      '',
    ].join('\n'),
    [`/proc/${pid}/cgroup`]: `0::/kubepods/besteffort/pod${POD_UID}/${CONTAINER_ID}\n`,
    [`/proc/${pid}/exe`]: '/app/server',
    [`/proc/${pid}/cmdline`]: '/app/server\0--password=hunter2\0--port\x008080\0',
    '/proc/self/fdinfo/3': `pos:\t0\nflags:\t02000002\nPid:\t${pid}\nNSpid:\t${pid}\n`,
    ...overrides,
  }
}

export const STARTED = 123456
export const POD_UID = '0b6d7a9e-5c1f-4c5e-9a53-2f1f6f0b6a11'
export const CONTAINER_ID = 'ab'.repeat(32)

/** /proc as a table of texts; a link is a text as well, and memory is the same wherever it is read. `onRead` sees each path before it is answered. */
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
  return { read: look, link: look, memory }
}
