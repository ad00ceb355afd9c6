/** A hierarchy of cgroups, mounted as a whole. */
export interface CgroupMount {
  readonly version: 1 | 2
  readonly mountPoint: string
  /** Of version 1 only: in version 2 `cgroup.controllers` says it. */
  readonly controllers: readonly string[]
}

/**
 * The cgroup hierarchies in the text of a `/proc/<pid>/mountinfo` (proc_pid_mountinfo(5)), each once. What
 * shows only a part of one, as in a container, is left out.
 */
export function parseCgroupMounts(mountinfo: string): readonly CgroupMount[] {
  const byDevice = new Map<string, CgroupMount>()
  for (const line of mountinfo.split('\n')) {
    const [left = '', right = ''] = line.split(' - ')
    const [, , device = '', root, mountPoint = ''] = left.split(' ')
    const [type, , options = ''] = right.split(' ')
    if (root !== '/' || byDevice.has(device)) continue
    if (type === 'cgroup2')
      byDevice.set(device, { version: 2, mountPoint: unescaped(mountPoint), controllers: [] })
    if (type === 'cgroup')
      byDevice.set(device, { version: 1, mountPoint: unescaped(mountPoint), controllers: options.split(',') })
  }
  return [...byDevice.values()]
}

/** The kernel writes blanks and backslashes as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
