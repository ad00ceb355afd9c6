import type { BatchLanguage, Count } from './language.ts'

export const batchZh: BatchLanguage = {
  footnote({ hasLinks }) {
    const warning = hasLinks ? ['拿到链接的人可以读取该进程的内存'] : []
    return ['每次崩溃的报告都在存储里', ...warning].join(' · ')
  },
  noNamespace: '无命名空间',
  title: ({ crashes, workloads, node }) =>
    `CoreDog：${node === undefined ? '' : `${node} 上 `}${workloads} 个工作负载共崩溃 ${crashes} 次`,
  times: ({ first, last }) => (first === last ? `${first} UTC` : `${first} 至 ${last} UTC`),
  counts,
  line({ causes, elsewhere, where, cores }) {
    const what = [counts(causes), ...(elsewhere === 0 ? [] : [`其他位置 ${elsewhere} 次`])].join('，')
    return `${where}：${what} · ${cores}`
  },
  cause: ({ signal, site }) => `${signal} @ ${site}`,
  workload: ({ name, kind, pods }) => `${name}（${kind}，${pods} 个 Pod）`,
  cores({ kept, incomplete, lost }) {
    if (kept === 0 && lost > 0) return `丢失 ${lost} 份 core`
    const parts = [
      kept === 0 ? '没有新的 core' : `${kept} 份 core`,
      ...(incomplete === 0 ? [] : [`${incomplete} 份不完整`]),
      ...(lost === 0 ? [] : [`丢失 ${lost} 份`]),
    ]
    return parts.join('，')
  },
  hidden({ crashes, workloads, namespaces, moreNamespaces }) {
    const more = moreNamespaces === 0 ? '' : ` 等 ${namespaces.length + moreNamespaces} 个命名空间`
    return `另有 ${workloads} 个工作负载崩溃 ${crashes} 次，在 ${namespaces.join('、')}${more}`
  },
}

function counts(causes: readonly Count[]): string {
  return causes.map(({ crashes, cause }) => `${cause} × ${crashes}`).join('，')
}
