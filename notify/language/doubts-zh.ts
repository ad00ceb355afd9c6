import { byPhrases, type Phrase } from './phrases.ts'

/** Why it is not sure whose crash it was, by what handler/identity/ says. */
const DOUBTS: readonly Phrase[] = [
  [/^the container runtime knows no container ([0-9a-f]*)$/, '容器运行时里没有容器 $1'],
  [/^the cgroup of process (\d+) could not be read$/, '读不到进程 $1 的 cgroup'],
  [
    /^process (\d+) is in no cgroup, and its (\w+) namespace is not known to be the node's$/,
    '进程 $1 不在任何 cgroup 里，也不能确认它的 $2 namespace 属于节点',
  ],
  [/^process (\d+) was gone before it could be looked at$/, '还没来得及查看，进程 $1 就消失了'],
  [/^process (\d+) was replaced by another while it was looked at$/, '查看过程中，pid $1 已被另一个进程占用'],
  [/^the kernel's pidfd is of process (\d+), not (\d+)$/, '内核给的 pidfd 属于进程 $1，而不是 $2'],
  [/^process (\d+) is not dumping core$/, '进程 $1 没有在 dump core'],
  [/^the core is of process (\d+), but process (\d+) was looked at$/, 'core 属于进程 $1，而查看的是进程 $2'],
  [/^its handler was killed before it had looked at the process$/, 'handler 还没查看进程就被杀了'],
  [
    /^its handler was killed before the container runtime had answered$/,
    '容器运行时还没应答，handler 就被杀了',
  ],
  [/^it was replayed from a file$/, '由 core 文件 replay 得来'],
  [/^the runtime says pod (.+), but the cgroup says (.+)$/, '运行时说是 Pod $1，cgroup 说是 $2'],
  [/^Cannot identify container "(.+)": no answer in ([\d.]+) s$/, '容器运行时 $2 秒内没有应答（容器 $1）'],
  [/^Cannot ask the container runtime at "(.+)": no answer in time$/, '"$1" 处的容器运行时没有及时应答'],
  [/^Cannot ask the container runtime at "(.+?)": (.+)$/, '无法询问 "$1" 处的容器运行时：$2'],
  [/^Cannot ask the container runtime: none of (.+) exists$/, '找不到容器运行时：$1 都不存在'],
]

/** In Chinese; in English what is not known here. */
export function doubtInZh(english: string): string {
  return byPhrases(english, DOUBTS) ?? english
}
