import { spawnSync } from 'node:child_process'
import { openSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { CorePipe } from '../../handler/core/core-pipe.ts'
import { NO_CODE } from '../../handler/from-file/code-below.ts'
import { beginCrash, type OpenCore, readCrash } from '../../handler/from-file/core-in-file.ts'
import { NO_EXPLAINER } from './pretended-explainer.ts'

// 0x10, the first pages of files and nothing else (core(5)): gdb puts the notes behind the memory.
const CRASH =
  'echo 0x10 > /proc/self/coredump_filter; exec gdb -nx -batch -ex run -ex "generate-core-file $0" --args "$@"'

/**
 * What the handler makes of a core of `command`, at the first signal that stops it, as gdb writes it into
 * `folder`; `null`: gdb cannot here. No kernel setting is changed for it.
 */
export async function crashUnderGdb(folder: string, command: readonly string[]) {
  const file = path.join(folder, 'core')
  rmSync(file, { force: true })
  const { stdout } = spawnSync('sh', ['-c', CRASH, file, ...command], { cwd: folder, encoding: 'utf8' })
  if (!/Saved corefile/.test(stdout ?? '')) return null
  const pipe = new CorePipe(openSync(file, 'r'))
  try {
    const open: OpenCore = { pipe, stats: statSync(file), path: 'core' }
    const crash = { ...(await beginCrash(open)), identity: null }
    return await readCrash(crash, NO_CODE, NO_EXPLAINER)
  } finally {
    pipe.close()
  }
}
