import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { bundle } from '../../build/bundle.ts'

/**
 * The programs of a node, each as one file: bundled, they start three times as fast, and they start often.
 */
export interface Programs {
  readonly handler: string
  readonly finisher: string
}

export function programsFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'coredog-chaos-programs-'))
}

export async function bundlePrograms(folder: string): Promise<Programs> {
  const programs = { handler: path.join(folder, 'handler.cjs'), finisher: path.join(folder, 'finisher.cjs') }
  await bundle('handler/main.ts', programs.handler)
  await bundle('test/chaos/finisher.ts', programs.finisher)
  return programs
}
