import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { ROOT } from '../build/bundle.ts'
import { HANDLER } from './bench-node.ts'
import type { Table } from './table.ts'

/** What was measured on, as far as the machine says. */
export function machine(): Table {
  const rows = [
    ['CPU', `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} of them`],
    ['Memory', `${(totalmem() / 2 ** 30).toFixed(0)} GiB, transparent huge pages: ${hugePages()}`],
    ['Kernel', release()],
    ['Node.js', process.version],
    ['The handler', ownEngine()],
    ...['gzip', 'pigz', 'zstd'].map(program => [program, versionOf(program)]),
    ['systemd', versionOf('systemctl')],
  ]
  return { title: 'The machine', columns: ['What', 'Which'], rows, notes: [] }
}

/** How it compresses: what it says below its version. */
function ownEngine(): string {
  try {
    const said = execFileSync(HANDLER, ['--version'], { encoding: 'utf8' }).replaceAll(`${ROOT}/`, '')
    return said.trim().split('\n').slice(1).join()
  } catch {
    // Not built: no part that was asked for needs it.
    return 'not built'
  }
}

/** The first line that it says; pigz says it on stderr. */
function versionOf(program: string): string {
  try {
    const said = execFileSync('sh', ['-c', `${program} --version 2>&1`], { encoding: 'utf8' })
    const [line = ''] = said.split('\n')
    return /\d+(?:\.\d+)+/.exec(line)?.[0] ?? line.trim()
  } catch {
    // Such as a shell that does not find it.
    return 'not installed'
  }
}

function hugePages(): string {
  try {
    const text = readFileSync('/sys/kernel/mm/transparent_hugepage/enabled', 'utf8')
    return /\[(\w+)\]/.exec(text)?.[1] ?? 'unknown'
  } catch {
    // A kernel without them.
    return 'none'
  }
}
