import { spawnSync } from 'node:child_process'

/** The function that addr2line finds at `address` of the file; `??`: none. */
export function functionAt(file: string, address = ''): string {
  const { stdout } = spawnSync('addr2line', ['-Cfe', file, address], { encoding: 'utf8' })
  return (stdout ?? '').split('\n')[0] ?? ''
}
