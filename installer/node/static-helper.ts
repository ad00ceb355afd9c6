import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

const MOST_BYTES = 4 * 1024 * 1024

/**
 * The only program that this kernel starts by itself (CONFIG_STATIC_USERMODEHELPER_PATH): `''` is none at
 * all, so no pipe; `null`: any, or unknown (not every kernel shows its configuration).
 */
export async function staticHelper(): Promise<string | null> {
  try {
    const text = await promisify(gunzip)(await readFile('/proc/config.gz'), { maxOutputLength: MOST_BYTES })
    return staticHelperIn(text.toString('latin1'))
  } catch {
    // Most distributions do not build it in (CONFIG_IKCONFIG_PROC): then the kernel's own log has to tell.
    return null
  }
}

function staticHelperIn(kernelConfig: string): string | null {
  if (!/^CONFIG_STATIC_USERMODEHELPER=y$/m.test(kernelConfig)) return null
  return /^CONFIG_STATIC_USERMODEHELPER_PATH="(.*)"$/m.exec(kernelConfig)?.[1] ?? ''
}
