import { runProgram } from '../../cli/program.ts'
import { openSource } from '../../cli/source/open-source.ts'
import { type PretendedWorld, pretendedWorld } from './pretended-world.ts'

export interface Ran {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly bytes: Buffer
}

/** Runs the program on the store in `folder`. */
export async function runOnStore(
  folder: string,
  argv: readonly string[],
  overrides: Partial<PretendedWorld> = {},
): Promise<Ran> {
  const world = pretendedWorld({ openSource, ...overrides })
  const exitCode = await runProgram([...argv, '--bucket', folder], world)
  const { stdout, stderr } = world
  return { exitCode, stdout: stdout.text, stderr: stderr.text, bytes: stdout.bytes }
}
