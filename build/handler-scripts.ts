import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Plugin } from 'esbuild'
import { THREAD_PREFIX } from '../executable/scripts.ts'
import { bundle } from './bundle.ts'
import { askedBy, type Entries, scriptsApart } from './scripts-apart.ts'

/**
 * The scripts of the one executable, by the module that each begins with. `main` is the handler: small, it asks for
 * `program`, all that a crash needs for sure.
 */
const ENTRIES: Entries = {
  main: 'handler/main.ts',
  program: 'handler/program.ts',
  'container-nodes': 'handler/container-nodes/hand-over.ts',
  's3-sdk': 'storage/s3/s3-sdk.ts',
  'cri-client': 'handler/identity/cri-client.ts',
  'http-client': 'network/http-client.ts',
  why: 'handler/why/thread.ts',
  'symbol-file': 'crash/symbol-file/symbol-file.ts',
  installer: 'installer/main.ts',
  webhook: 'webhook/main.ts',
  api: 'api/main.ts',
  'give-back': 'executable/give-back.ts',
}

/** The module that says what a thread runs, by the script that it is. */
const THREADS: Entries = { why: 'handler/why/thread-source.ts' }

/**
 * The handler runs with these. V8 lets the space for new objects grow to 16 MiB and its garbage with it, so
 * that a large core took more memory than a small one: of 2 GiB 155 MiB instead of 142, and of 16 GiB more.
 * V8 takes a code cache only under the flags that it was made under, that of Node's own modules too: with
 * `--expose-gc` Node took 15 ms longer to start.
 */
export const V8_FLAGS = ['--max-semi-space-size=1']

export const SCRIPT_NAMES = Object.keys(ENTRIES)

/**
 * Compiled whole, and not only what a training calls: it is small, is loaded at each crash, and what of it is called
 * depends on the cgroup and the settings of the machine that builds.
 */
export const COMPILED_WHOLE: readonly string[] = ['main']

/** The files of them. */
export const SCRIPT_FILES = SCRIPT_NAMES.flatMap(name => [`${name}.cjs`, `${name}.cache`])

/** Bundles the handler's scripts into `folder`, as `<name>.cjs`. */
export async function bundleHandlerScripts(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await Promise.all(
    Object.entries(ENTRIES).map(([name, entry]) =>
      bundle(entry, path.join(folder, `${name}.cjs`), { plugins: [apartFrom(entry)] }),
    ),
  )
  for (const name of SCRIPT_NAMES) assertAscii(path.join(folder, `${name}.cjs`))
}

/** Has each module that begins another script loaded from there. */
export function apartFrom(ownEntry: string): Plugin {
  return scriptsApart(new Map([...askedBy(ENTRIES, ownEntry), ...askedBy(THREADS, ownEntry, THREAD_PREFIX)]))
}

/** The single executable reads its scripts byte by byte. */
function assertAscii(file: string): void {
  if (readFileSync(file).some(byte => byte > 127))
    throw new Error(`Cannot build: "${file}" is not plain ASCII`)
}
