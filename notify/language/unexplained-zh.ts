import { lossInZh } from './losses-zh.ts'
import { byPhrases, type Phrase } from './phrases.ts'

/** Why there is no reason and no stack, by what handler/why/ says. */
const UNEXPLAINED: readonly Phrase[] = [
  [/^it is no core: (.+)$/, (why = '') => `不是 core：${lossInZh(why)}`],
  [/^it is not certain which process it was$/, '不能确定是哪个进程'],
  [/^the process could not be looked at within ([\d.]+) s$/, '$1 秒内没能查看进程'],
  [/^the process could not be looked at: (.+)$/, '无法查看进程：$1'],
  [/^no thread could be started: (.+)$/, '无法启动分析线程：$1'],
  [/^it could not be explained: there was no time for it$/, '没有时间分析'],
  [/^it could not be explained: it took longer than ([\d.]+) s$/, '分析超过了 $1 秒'],
  [/^it could not be explained: (.+)$/, '分析出错：$1'],
]

/** In Chinese; in English what is not known here. */
export function unexplainedInZh(english: string): string {
  return byPhrases(english, UNEXPLAINED) ?? english
}
