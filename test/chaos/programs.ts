import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { bundle } from '../../build/bundle.ts'

/** The programs of a node, each as one file: bundled, they start three times as fast, and they start often. */
export interface Programs {
  readonly handler: string
  readonly finisher: string
}

export async function bundlePrograms(folder: string): Promise<Programs> {
  mkdirSync(folder, { recursive: true })
  const programs = { handler: path.join(folder, 'handler.cjs'), finisher: path.join(folder, 'finisher.cjs') }
  await bundle('handler/main.ts', programs.handler)
  await bundle('test/chaos/finisher.ts', programs.finisher)
  return programs
}
