import path from 'node:path'
import type { Plugin } from 'esbuild'
import { SCRIPT_PREFIX } from '../executable/scripts.ts'
import { ROOT } from './bundle.ts'

/** The scripts of a program, by the module that each begins with. */
export type Entries = Readonly<Record<string, string>>

/** By what each of these modules is asked for, other than that of `ownEntry`. */
export function askedBy(entries: Entries, ownEntry: string, prefix = SCRIPT_PREFIX): Map<string, string> {
  const others = Object.entries(entries).filter(([, entry]) => entry !== ownEntry)
  return new Map(others.map(([name, entry]) => [path.join(ROOT, entry), `${prefix}${name}`]))
}

/** Has each of these modules loaded by another name, and not bundled. */
export function scriptsApart(others: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'scripts apart',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path: asked, resolveDir }) => {
        const apart = others.get(path.resolve(resolveDir, asked))
        return apart === undefined ? null : { path: apart, external: true }
      }),
  }
}
