import type { Proc } from '../identity/proc.ts'

/** To read what each of them is takes some 0.1 ms, and a process is held. */
const MOST_PROCESSES = 128
const MOST_BYTES = 4096
const MOUNTED = '/sys/fs/cgroup'

/**
 * Some of the processes in the cgroup that `text`, one of proc_pid_cgroup(5), says, in the node's pid namespace.
 * Empty: that cannot be looked up.
 */
export async function processIdsIn(text: string, proc: Proc): Promise<readonly number[]> {
  for (const folder of foldersIn(text)) {
    const list = await proc.read(`${folder}/cgroup.procs`, MOST_BYTES)
    if (list) return idsIn(list)
  }
  return []
}

/** v2, also beside v1; then what all runtimes use of v1. At the root of one is whatever is not kept there. */
function foldersIn(text: string): readonly string[] {
  const paths = new Map(
    text
      .split('\n')
      .map(line => /^\d+:([^:]*):(\/.*)$/s.exec(line))
      .filter(match => match !== null && match[2] !== '/')
      .map(match => [match?.[1] ?? '', match?.[2] ?? '']),
  )
  const [unified, systemd, pids] = [paths.get(''), paths.get('name=systemd'), paths.get('pids')]
  return [
    ...(unified === undefined ? [] : [`${MOUNTED}${unified}`, `${MOUNTED}/unified${unified}`]),
    ...(pids === undefined ? [] : [`${MOUNTED}/pids${pids}`]),
    ...(systemd === undefined ? [] : [`${MOUNTED}/systemd${systemd}`]),
  ]
}

/** The last line may be cut. */
function idsIn(list: string): readonly number[] {
  return list
    .split('\n')
    .slice(0, -1)
    .map(Number)
    .filter(pid => pid > 0)
    .slice(0, MOST_PROCESSES)
}
