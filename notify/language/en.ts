import { batchEn } from './batch-en.ts'
import { ordinal, sinceEn } from './days-en.ts'
import type { Language } from './language.ts'

export const en: Language = {
  unknownProcess: 'an unknown process',
  unknownSignal: 'unknown signal',
  unknownReason: 'the reason is not known',
  colon: ': ',
  labels: { pod: 'Pod', program: 'Program', node: 'Node', image: 'Image', cluster: 'Cluster' },
  download: 'Download the core',
  openReport: 'Report with all stacks',
  executable: 'Its program',
  symbols: 'Its symbols',
  downloadKept: 'Download the last core that was kept',
  lastWords: 'Last words in the log:',
  lastLines: 'Last lines of the log:',
  another: 'another',
  linkLeftOut: '(the download link is too long for this chat)',
  batch: batchEn,

  title({ death = 'Crash', where, more, isOver = false, core }) {
    const end = core === undefined ? '' : `, core ${core}`
    if (isOver) return `Quiet for an hour: ${death} in ${where}`
    return `${more === undefined ? '' : `${moreCrashes(more)}: `}${death} in ${where}${end}`
  },
  signalBy: ({ signal, call }) => `${signal} by ${call}`,
  onNode: ({ program, node }) => `${program} on ${node}`,
  reason: ({ sentence }) => begun(sentence),
  unexplained: why => `Not explained: ${why}`,
  saying: words => `“${words}”`,
  guess: '(a guess)',
  moreFrames: count => `… ${count} more`,
  fileOffset: ({ file, offset }) => `${file} (offset ${offset} in the file)`,
  restarted: ({ pod, times }) => `${pod}, restarted ${times === 1 ? 'once' : `${times} times`} before`,
  calledAs: ({ program, name }) => `${program} as ${name}`,
  seenFirst: ({ image, nodes }) =>
    `New: the first of its kind${nodes === undefined ? ' on this node' : ''}${image === undefined ? '' : `, in ${image}`}`,
  seenAgain({ count, nodes, since, firstImage }) {
    const began = since === undefined ? '' : ` since ${sinceEn(since)}`
    const where = nodes === undefined ? ' on this node' : `, on ${many(nodes, 'node')}`
    return `${ordinal(count)} time${began}${where}${firstImage === undefined ? '' : `, first in ${firstImage}`}`
  },

  notKept: ({ why }) => `The core was not kept: ${why}`,
  notWhole: ({ why }) => `The core is not whole: ${why}`,
  perhapsNotWhole: ({ why }) => `It cannot be told whether the core is whole: ${why}`,
  onlyCounted: ({ crashes, why }) => `${moreCrashes(crashes)} of its kind, counted and no core kept: ${why}`,
  groupUpdate({ crashes, since, nodes, pods, images, isOver }) {
    const began = since === undefined ? '' : ` since ${sinceEn(since)}`
    const where = `on ${many(nodes, 'node')}, in ${many(pods, 'pod')}`
    const of = images.length === 0 ? '' : `, of ${images.join(', ')}`
    return `${moreCrashes(crashes)}${began}, ${where}${of}${isOver ? '; none for an hour now' : ''}`
  },
  countedBefore: ({ crashes }) =>
    `${moreCrashes(crashes)} of its kind came before this one: counted, but no core was kept`,
  uncertain: ({ why }) => `Whose crash it was is not certain: ${why}`,
  incompleteReason: english => english.replace(/(^|: )(limits\.maxCoreSize)$/, '$1it is larger than $2'),
  hint: english => english,
  linksEnd: ({ links, time }) => `The ${links === 1 ? 'link works' : 'links work'} until ${time} UTC only.`,

  coreSize({ size, stored, dump }) {
    const dumped = {
      stacks: ', stacks only, as configured',
      'stacks for a quota': ', stacks only, for the quota',
      private: ', no shared memory, as configured',
    }
    return `core of ${size}${stored === undefined ? '' : `, ${stored} stored`}${dump === undefined ? '' : dumped[dump]}`
  },
  quota({ used, limit, percent, isLean }) {
    const of = `The quota of its namespace is ${percent} % used, ${used} of ${limit}`
    return isLean ? `${of}: stacks were kept in place of the core` : of
  },
  lastKept: ({ place }) => `last one kept: ${place}`,
  footnote({ version, crashId, hasLink }) {
    const warning = hasLink ? ['whoever has the link can read the memory of the process'] : []
    return [`CoreDog ${version}`.trim(), `crash ${crashId}`, ...warning].join(' · ')
  },
}

function many(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`
}

function moreCrashes(count: number): string {
  return count === 1 ? '1 more crash' : `${count} more crashes`
}

/** A sentence begins with a capital letter, but not `abort()`, `std::terminate()`, nor a path. */
function begun(sentence: string): string {
  return /^[a-z]+(?:[ ,]|: )/.test(sentence)
    ? `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}`
    : sentence
}
