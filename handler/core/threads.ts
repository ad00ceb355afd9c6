import { availableParallelism } from 'node:os'
import { MOST_HUNG_CALLS } from '../../storage/file/mount-calls.ts'

// Six threads compress as fast as one reads from the kernel's pipe.
const MOST_THREADS = 6

/**
 * How many blocks are compressed at once. Never all of a busy node, which has just lost a process: half of
 * its CPUs. But at least two, because a process is held meanwhile.
 *
 * Memory grows with it: a block of 4 MiB as it was read, and what it becomes, for each thread and one or two
 * more, and the tables of zstd. A handler of six threads that sends what cannot be compressed to S3 has 174
 * MiB at its peak with gzip, 231 with zstd's level 9, and 62 of them are the program's own pages, which all
 * share. So four stay below the 1 GiB of `limits.memory`, whichever method and level.
 */
export function compressingThreads(cpus: number): number {
  return Math.min(MOST_THREADS, Math.max(2, Math.ceil(cpus / 2)))
}

/**
 * Of the CPUs that we may use: affinity counts, and `cpu.max` of the cgroup that we are started in (libuv
 * 1.51; a quota of cgroup version 1 it finds only in a container). The kernel starts us in the root, where
 * there is none; a quota that we move into throttles us.
 */
export const COMPRESSING_THREADS = compressingThreads(availableParallelism())

/**
 * Of libuv's pool, which has four unless UV_THREADPOOL_SIZE says otherwise when it is first used. Files and
 * names of hosts wait for the same threads, and an upload must not wait for a block. Those that a mounted
 * file system may keep for ever are beside them: what goes to the spool then must not wait for it.
 */
export const POOL_THREADS = COMPRESSING_THREADS + 2 + MOST_HUNG_CALLS
