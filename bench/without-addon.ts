import { execa } from 'execa'
import { findProgram } from '../test/installed-program.ts'
import { HANDLER } from './bench-node.ts'
import { quoted } from './contestant.ts'

// From where the handler could load it; beside itself there is none, for nothing is installed here.
const FOLDERS = ['/run', '/dev/shm', '/tmp']

/** `command` where nothing can be loaded, as on a node with a noexec /run, /dev/shm and /tmp. */
export function withoutAddon(command: string): string {
  const mounts = FOLDERS.map(
    folder => `mount --bind ${folder} ${folder} && mount -o remount,bind,noexec ${folder}`,
  )
  return `${quoted(findProgram('unshare') ?? 'unshare')} --mount /bin/sh -c ${quoted(`${mounts.join(' && ')} && exec ${command}`)} sh "$@"`
}

/** Why it cannot be without here; `null`: it can. */
export async function addonObstacle(): Promise<string | null> {
  const check = withoutAddon(`${quoted(HANDLER)} --version`)
  const {
    failed,
    stderr = '',
    stdout = '',
  } = await execa('sh', ['-c', check], { reject: false, timeout: 60_000 })
  if (failed) return `no mounts can be made here (${stderr.split('\n')[0]})`
  return /ISA-L/.test(stdout) ? 'the addon loads all the same' : null
}
