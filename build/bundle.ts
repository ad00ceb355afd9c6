import path from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { ADDON_CODE } from './addon-asset.ts'
import { DEMANGLER_CODE } from './demangler-code.ts'
import { threadText } from './thread-text.ts'

export const ROOT = path.resolve(import.meta.dirname, '..')

const OPTIONS = {
  plugins: [DEMANGLER_CODE, ADDON_CODE],
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  // Of packages that have both, the one of which unused parts can be left out.
  mainFields: ['module', 'main'],
  // A single executable has no loader that import() could ask.
  supported: { 'dynamic-import': false },
  // Errors and logs show names; to give them back at run time costs a call for each function.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  logLevel: 'warning',
} satisfies BuildOptions

interface Wishes {
  readonly plugins?: readonly Plugin[]
  readonly target?: string
  /** Before all else. */
  readonly banner?: string
}

/**
 * Bundles the program that begins at `entry` into one CommonJS file, which is what a single executable
 * runs. What is imported with `await import()` stays unevaluated until then. Resolves to the files that something
 * of it is of.
 */
export async function bundle(
  entry: string,
  outfile: string,
  { plugins = [], target = OPTIONS.target, banner = '' }: Wishes = {},
): Promise<string[]> {
  const { metafile } = await build({
    ...OPTIONS,
    target,
    metafile: true,
    banner: { js: banner },
    absWorkingDir: ROOT,
    entryPoints: [path.join(ROOT, entry)],
    outfile,
    plugins: [...plugins, DEMANGLER_CODE, ADDON_CODE, threadText(OPTIONS)],
  })
  const inputs = Object.values(metafile.outputs).flatMap(output => Object.entries(output.inputs))
  return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => path.join(ROOT, file))
}
