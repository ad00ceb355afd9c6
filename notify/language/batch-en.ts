import type { BatchLanguage, Count } from './language.ts'

export const batchEn: BatchLanguage = {
  footnote({ hasLinks }) {
    const warning = hasLinks ? ['whoever has a link can read the memory of the process'] : []
    return ['each crash has its report in the store', ...warning].join(' · ')
  },
  noNamespace: 'no namespace',
  // A bot may want the word CoreDog, and a phone shows the title alone.
  title: ({ crashes, workloads, node }) =>
    `CoreDog: ${counted(crashes, 'crash', 'crashes')} of ${counted(workloads, 'workload')}${node === undefined ? '' : ` on ${node}`}`,
  times: ({ first, last }) => (first === last ? `${first} UTC` : `${first} to ${last} UTC`),
  counts,
  line({ causes, elsewhere, where, cores }) {
    const what = [counts(causes), ...(elsewhere === 0 ? [] : [`${elsewhere} elsewhere`])].join(', ')
    return `${what} in ${where} · ${cores}`
  },
  cause: ({ signal, site }) => `${signal} at ${site}`,
  workload: ({ name, kind, pods }) => `${name} (${kind}, ${pods} pods)`,
  cores({ kept, incomplete, lost }) {
    if (kept === 0 && lost > 0) return `${counted(lost, 'core')} lost`
    const parts = [
      kept === 0 ? 'no new core' : counted(kept, 'core'),
      ...(incomplete === 0 ? [] : [`${incomplete} incomplete`]),
      ...(lost === 0 ? [] : [`${lost} lost`]),
    ]
    return parts.join(', ')
  },
  hidden({ crashes, workloads, namespaces, moreNamespaces }) {
    const what = `${counted(crashes, 'crash', 'crashes')} of ${counted(workloads, 'workload')}`
    const more = moreNamespaces === 0 ? '' : ` and ${moreNamespaces} more`
    return `and ${what} more in ${namespaces.join(', ')}${more}`
  },
}

function counts(causes: readonly Count[]): string {
  return causes.map(({ crashes, cause }) => `${crashes} × ${cause}`).join(', ')
}

function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`
}
