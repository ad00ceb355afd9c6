import { rm } from 'node:fs/promises'
import path from 'node:path'
import { ADDON_ASSET } from './addon-asset.ts'
import { bundle } from './bundle.ts'
import { makeCodeCaches } from './code-caches.ts'
import { bundleHandlerScripts, SCRIPT_FILES, V8_FLAGS } from './handler-scripts.ts'
import type { Architecture } from './node-binary.ts'
import { placeAddon } from './placed-addon.ts'
import { putIntoNode } from './program-in-node.ts'

/**
 * Makes one file, `output`, of the handler's scripts and the official Node binary that npm brings. The scripts are left
 * in `folder`.
 */
export async function makeSingleExecutable(
  output: string,
  folder: string,
  architecture: Architecture,
): Promise<void> {
  // What an earlier build left there, such as a license of what is not in it any more, would get into an image.
  await rm(folder, { recursive: true, force: true })
  await bundleHandlerScripts(folder)
  await placeAddon(folder, architecture)
  await makeCodeCaches(folder, architecture)
  await bundle('executable/start.ts', path.join(folder, 'start.cjs'))
  const program = { folder, main: 'start.cjs', assets: ASSETS, nodeOptions: V8_FLAGS }
  await putIntoNode(program, output, architecture)
}

const ASSETS = ['start.cjs', ADDON_ASSET, ...SCRIPT_FILES]
