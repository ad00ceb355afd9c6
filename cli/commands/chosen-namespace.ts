import type { GlobalOptions } from '../options.ts'
import type { CrashSource } from '../source/source.ts'

/** Where crashes are looked for. `null`: in all namespaces. */
export function chosenNamespace(
  { allNamespaces, namespace }: Pick<GlobalOptions, 'allNamespaces' | 'namespace'>,
  source: Pick<CrashSource, 'namespace'>,
): string | null {
  return allNamespaces === true ? null : (namespace ?? source.namespace)
}
