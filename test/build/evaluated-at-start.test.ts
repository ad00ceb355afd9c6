import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import { build, type Metafile } from 'esbuild'
import { ROOT } from '../../build/bundle.ts'

const PINO = [
  '@pinojs/redact',
  'atomic-sleep',
  'on-exit-leak-free',
  'pino',
  'pino-std-serializers',
  'quick-format-unescaped',
  'safe-stable-stringify',
  'sonic-boom',
  'thread-stream',
]
const PROMETHEUS = ['@opentelemetry/api', 'bintrees', 'prom-client', 'tdigest']

/** What each node has in memory for as long as it is there. The AWS SDK, undici, and what writes X.509 are loaded late. */
const PACKAGES = [...PINO, ...PROMETHEUS, 'commander', 'yaml'].toSorted()

for (const program of ['installer', 'webhook', 'api']) {
  it(`the ${program} begins with no package that it may never need`, async () => {
    const files = await evaluatedAtStart(`${program}/main.ts`)
    const packages = new Set(
      files.flatMap(file => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []),
    )
    assert.deepEqual([...packages].toSorted(), PACKAGES)
  })
}

/** The modules that `entry` imports, and those that they import: none that waits for an `import()`. */
async function evaluatedAtStart(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [path.join(ROOT, entry)],
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    metafile: true,
    write: false,
    logLevel: 'error',
  })
  const reached = new Set([entry])
  // A set goes on with what is added meanwhile.
  for (const file of reached) for (const imported of importsOf(metafile, file)) reached.add(imported)
  return [...reached]
}

function importsOf({ inputs }: Metafile, file: string): readonly string[] {
  const imports = inputs[file]?.imports ?? []
  return imports.filter(each => each.kind !== 'dynamic-import' && !each.external).map(each => each.path)
}
