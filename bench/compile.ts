import path from 'node:path'
import { execa } from 'execa'

/** Compiles `<name>.c` of this folder into `folder`. Resolves with the program's path. */
export async function compile(name: string, folder: string): Promise<string> {
  const program = path.join(folder, name)
  await execa('gcc', ['-O2', '-o', program, path.join(import.meta.dirname, `${name}.c`)])
  return program
}
