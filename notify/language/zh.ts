import { batchZh } from './batch-zh.ts'
import { doubtInZh } from './doubts-zh.ts'
import { hintInZh } from './hints-zh.ts'
import type { Language, Since } from './language.ts'
import { lossInZh } from './losses-zh.ts'
import { reasonInZh } from './reasons-zh.ts'
import { unexplainedInZh } from './unexplained-zh.ts'

export const zh: Language = {
  unknownProcess: '未知进程',
  unknownSignal: '未知信号',
  unknownReason: '原因未知',
  colon: '：',
  labels: { pod: 'Pod', program: '程序', node: '节点', image: '镜像', cluster: '集群' },
  download: '下载 core',
  openReport: '完整报告（全部线程的栈）',
  executable: '可执行文件',
  symbols: '符号文件',
  downloadKept: '下载最近保存的 core',
  lastWords: '日志中的最后信息：',
  lastLines: '日志的最后几行：',
  another: '另一份',
  linkLeftOut: '（下载链接超出了消息长度限制）',
  batch: batchZh,

  title({ death, where, more, isOver = false, core }) {
    const what = `${death === undefined ? '' : `${death} `}崩溃`
    const end = core === undefined ? '' : core === 'lost' ? '，core 丢失' : '，core 不完整'
    if (isOver) return `一小时内没有再发生：${what}：${where}`
    return `${more === undefined ? '' : `又发生 ${more} 次 `}${what}：${where}${end}`
  },
  signalBy: ({ signal, call }) => `${signal}（${call}）`,
  onNode: ({ program, node }) => `${node} 上的 ${program}`,
  reason: ({ sentence, code }) => reasonInZh(sentence, code),
  unexplained: why => `未能分析：${unexplainedInZh(why)}`,
  saying: words => `“${words}”`,
  guess: '（推测）',
  moreFrames: count => `… 还有 ${count} 帧`,
  fileOffset: ({ file, offset }) => `${file}（文件偏移 ${offset}）`,
  restarted: ({ pod, times }) => `${pod}（此前已重启 ${times} 次）`,
  calledAs: ({ program, name }) => `${program}（${name}）`,
  seenFirst: ({ image, nodes }) =>
    `${nodes === undefined ? '本节点' : ''}首次出现${image === undefined ? '' : `，镜像 ${image}`}`,
  seenAgain({ count, nodes, since, firstImage }) {
    const began = since === undefined ? '' : `自${sinceZh(since)}起`
    const where = nodes === undefined ? '' : `，涉及 ${nodes} 个节点`
    return `${nodes === undefined ? '本节点' : ''}${began}第 ${count} 次${where}${firstImage === undefined ? '' : `，最早出现在 ${firstImage}`}`
  },

  notKept: ({ why }) => `core 未能保存：${why}`,
  notWhole: ({ why }) => `core 不完整：${why}`,
  perhapsNotWhole: ({ why }) => `无法确定 core 是否完整：${why}`,
  onlyCounted: ({ crashes, why }) => `同样的崩溃又发生 ${crashes} 次，只计数，没有保存 core：${why}`,
  groupUpdate({ crashes, since, nodes, pods, images, isOver }) {
    const began = since === undefined ? '' : `自${sinceZh(since)}起`
    const of = images.length === 0 ? '' : `，镜像 ${images.join('、')}`
    const end = isOver ? '；最近一小时没有再发生' : ''
    return `${began}又发生 ${crashes} 次，涉及 ${nodes} 个节点、${pods} 个 Pod${of}${end}`
  },
  countedBefore: ({ crashes }) => `在这次之前，同样的崩溃还发生过 ${crashes} 次：只计数，没有保存 core`,
  uncertain: ({ why }) => `归属不能确定：${doubtInZh(why)}`,
  incompleteReason: lossInZh,
  hint: hintInZh,
  linksEnd: ({ time }) => `链接只在 ${time} UTC 之前有效。`,

  coreSize({ size, stored, dump }) {
    const dumped = {
      stacks: '，按配置只含调用栈',
      'stacks for a quota': '，因配额只含调用栈',
      private: '，按配置不含共享内存',
    }
    return `core ${size}${stored === undefined ? '' : `，存储占用 ${stored}`}${dump === undefined ? '' : dumped[dump]}`
  },
  quota({ used, limit, percent, isLean }) {
    const of = `命名空间的配额已用 ${percent} %（${used} / ${limit}）`
    return isLean ? `${of}：只保存了调用栈，没有保存 core` : of
  },
  lastKept: ({ place }) => `最近保存的一份：${place}`,
  footnote({ version, crashId, hasLink }) {
    const warning = hasLink ? ['拿到链接的人可以读取该进程的内存'] : []
    return [`CoreDog ${version}`.trim(), `崩溃 ID ${crashId}`, ...warning].join(' · ')
  },
}

const WEEKDAYS = ['周日', '周一', '周二', '周三', '周四', '周五', '周六']

function sinceZh(since: Since): string {
  switch (since.kind) {
    case 'today':
      return `今天 ${since.time} UTC `
    case 'weekday':
      return WEEKDAYS[since.weekday] ?? ''
    default:
      return `${since.year === undefined ? '' : `${since.year} 年 `}${since.month + 1} 月 ${since.day} 日`
  }
}
