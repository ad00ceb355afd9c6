import type { Plugin } from 'esbuild'

/** The asset of the single executable. It is empty where there is no addon. */
export const ADDON_ASSET = 'addon.node'

/** In a bundle the addon is what lies in the single executable: there are no files beside it. */
export const ADDON_CODE: Plugin = {
  name: 'addon code',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/handler\/native\/addon-code\.ts$/ }, () => ({ contents: embedded })),
}

// Training runs the scripts without an executable around them.
const embedded = `
import { getRawAsset, isSea } from 'node:sea'
export function addonCode() {
  const code = isSea() ? Buffer.from(getRawAsset('${ADDON_ASSET}')) : Buffer.alloc(0)
  return code.length === 0 ? null : code
}`
