import { chmod, copyFile, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { deflateRawSync } from 'node:zlib'
import type { Plugin } from 'esbuild'
import { SCRIPTS } from '../cli/completion/scripts.ts'
import { SCRIPT_PREFIX } from '../executable/scripts.ts'
import { builtFiles, KUBECTL_COREDOG } from './built-files.ts'
import { bundle, ROOT } from './bundle.ts'
import { licensesOf } from './licenses.ts'
import { type Architecture, CACHE } from './node-binary.ts'
import { putIntoNode } from './program-in-node.ts'
import { ScratchFolder } from './scratch-folder.ts'
import { askedBy, type Entries, scriptsApart } from './scripts-apart.ts'

/** Its scripts, by the module that each begins with. What is not for each command is none of `main`. */
const ENTRIES: Entries = {
  main: 'cli/main.ts',
  yaml: 'config/yaml.ts',
  'kube-config': 'cli/kube-config.ts',
  's3-sdk': 'storage/s3/s3-sdk.ts',
  'http-client': 'network/http-client.ts',
}

// Of 22.15 is the decompressor of Zstandard, and of 22 what the sources use of JavaScript.
const TARGET = 'node22.15'

// In words that any Node understands.
const REFUSAL = `var v=process.versions.node.split('.');if(v[0]<22||v[0]==22&&v[1]<15){
console.error('Cannot run kubectl-coredog: it needs Node.js 22.15 or newer, and this is '+process.version);process.exit(1)}`

// A package.json in a folder above may say that files are ES modules, which have no require().
const ANY_MODULE = 'var require=process.getBuiltinModule;'

/** Makes dist/kubectl-coredog.js, and all that is the same for each architecture. */
export async function bundleKubectlCoredog(): Promise<void> {
  const { script, licenses, completion } = KUBECTL_COREDOG
  await using scratch = await ScratchFolder.in(CACHE, 'kubectl-coredog')
  await mkdir(path.dirname(script), { recursive: true })
  const made = path.join(scratch.folder, 'kubectl-coredog.js')
  const files = await bundleOneFile(made)
  await writeFile(licenses, await licensesOf(files))
  await put(Buffer.from(`#!/usr/bin/env node\n${await readFile(made, 'utf8')}`), script)
  await put(Buffer.from(SCRIPTS.kubectl), completion)
}

async function put(content: Buffer, file: string): Promise<void> {
  await writeFile(file, content)
  await chmod(file, 0o755)
}

/** Bundles it all into `outfile`, and resolves to the files that it is made of. */
export async function bundleOneFile(outfile: string): Promise<readonly string[]> {
  const folder = path.dirname(outfile)
  const texts: Record<string, string> = {}
  const files: string[] = []
  for (const waiting = ['main']; waiting.length > 0; ) {
    const name = waiting.pop() ?? ''
    const entry = ENTRIES[name] ?? ''
    const script = path.join(folder, `${name}.cjs`)
    const plugins = [scriptsApart(askedBy(ENTRIES, entry))]
    files.push(...(await bundle(entry, script, { plugins, target: TARGET })))
    const text = await readFile(script, 'utf8')
    texts[name] = text
    waiting.push(...scriptsAskedFor(text).filter(asked => !(asked in texts) && !waiting.includes(asked)))
  }
  const plugins = [textsWithin(texts)]
  await bundle('executable/one-file.ts', outfile, {
    plugins,
    target: 'node18',
    banner: `${REFUSAL}\n${ANY_MODULE}`,
  })
  return files
}

function scriptsAskedFor(text: string): string[] {
  const asked = text.matchAll(RegExp(`require\\("${SCRIPT_PREFIX}([\\w-]+)"\\)`, 'g'))
  return [...new Set([...asked].map(([, name = '']) => name))]
}

function textsWithin(texts: Readonly<Record<string, string>>): Plugin {
  const { main, ...others } = texts
  const packed = Object.entries(others).map(([name, text]) => [name, deflateRawSync(text).toString('base64')])
  const contents = `export const MAIN_TEXT = ${JSON.stringify(main)}
export const PACKED_TEXTS = ${JSON.stringify(Object.fromEntries(packed))}`
  return {
    name: 'texts within',
    setup: ({ onLoad }) => onLoad({ filter: /\/executable\/script-texts\.ts$/ }, () => ({ contents })),
  }
}

/** Makes dist/kubectl-coredog, which needs no Node, of what {@link bundleKubectlCoredog} has made. */
export async function makeKubectlCoredog(architecture: Architecture): Promise<string> {
  const { kubectlCoredog } = builtFiles(architecture)
  await using scratch = await ScratchFolder.in(CACHE, 'kubectl-coredog')
  const main = path.basename(KUBECTL_COREDOG.script)
  await copyFile(KUBECTL_COREDOG.script, path.join(scratch.folder, main))
  await mkdir(path.dirname(kubectlCoredog), { recursive: true })
  const program = { folder: scratch.folder, main, assets: [], nodeOptions: [] }
  await putIntoNode(program, `${kubectlCoredog}.new`, architecture)
  await rename(`${kubectlCoredog}.new`, kubectlCoredog)
  return kubectlCoredog
}

/** In whole MiB. */
export async function sizeOf(file: string): Promise<string> {
  return `${path.relative(ROOT, file)}: ${((await stat(file)).size / 2 ** 20).toFixed(0)} MiB`
}
