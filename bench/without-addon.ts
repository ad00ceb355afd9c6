import path from 'node:path'
import { execa } from 'execa'
import { ADDON_NAME } from '../crash/our-pattern.ts'
import { findProgram } from '../test/installed-program.ts'
import { HANDLER } from './bench-node.ts'
import { quoted } from './contestant.ts'

// Beside the handler, and where it makes a file without a name.
const BESIDE = path.join(path.dirname(HANDLER), ADDON_NAME)
const FOLDERS = ['/run', '/dev/shm', '/tmp']

/**
 * `command` where no addon can be loaded: none lies beside the handler, and no program can be in /run, /dev/shm
 * and /tmp, as hardened nodes have them.
 */
export function withoutAddon(command: string): string {
  const hidden = `{ [ ! -e ${quoted(BESIDE)} ] || mount --bind /dev/null ${quoted(BESIDE)}; }`
  const mounts = FOLDERS.map(
    folder => `mount --bind ${folder} ${folder} && mount -o remount,bind,noexec ${folder}`,
  )
  const script = [hidden, ...mounts, `exec ${command}`].join(' && ')
  return `${quoted(findProgram('unshare') ?? 'unshare')} --mount /bin/sh -c ${quoted(script)} sh "$@"`
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
  return /gzip by ISA-L/.test(stdout) ? 'the addon loads all the same' : null
}
