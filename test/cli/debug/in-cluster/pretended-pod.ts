import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from '../../../fakes/core-file.ts'
import { findProgram } from '../../../installed-program.ts'

/** A pod that is a folder, and a kubectl that runs programs there: those that are named, of this machine, and gdb. */
export interface PretendedPod {
  /** For the PATH. */
  readonly folder: string
  /** In place of `/coredog`. */
  readonly crash: string
  /** What kubectl was called with, a line each. */
  readonly calls: () => readonly string[]
  /** What gdb was called with. */
  readonly debugger: () => readonly string[]
}

const PROGRAMS = ['sh', 'tar', 'gzip', 'sha256sum', 'cat', 'ls', 'sleep']

/** `script` replaces what gdb does; `before` is run by kubectl first, of which `$*` is what it was called with. */
export function pretendedPod(
  test: TestContext,
  { programs = PROGRAMS, gdb = 'exit 0', before = '' } = {},
): PretendedPod {
  const folder = temporaryFolder(test)
  const [bin, crash] = [path.join(folder, 'bin'), path.join(folder, 'crash')]
  const [calls, seen] = [path.join(folder, 'calls'), path.join(folder, 'seen')]
  for (const made of [bin, crash]) mkdirSync(made)
  for (const name of programs) symlinkSync(findProgram(name) ?? name, path.join(bin, name))
  symlinkSync(findProgram('tar') ?? 'tar', path.join(folder, 'tar'))
  program(path.join(bin, 'gdb'), `printf '%s\\n' "$@" > ${seen}\n${gdb}`)
  program(
    path.join(folder, 'kubectl'),
    `crash=${crash}
echo "$*" >> ${calls}
${before}
while [ "$1" != -- ]; do shift; done
shift
count=$#
while [ $count -gt 0 ]; do
  word=$(printf '%s' "$1" | ${findProgram('sed')} 's#/coredog#${crash}#g')
  set -- "$@" "$word"; shift; count=$((count - 1))
done
PATH=${bin} exec "$@"`,
  )
  const linesOf = (file: string) => () => readFileSync(file, 'utf8').trim().split('\n')
  return { folder, crash, calls: linesOf(calls), debugger: linesOf(seen) }
}

function program(file: string, script: string): void {
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}
