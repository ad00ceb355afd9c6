import { byPhrases, type Phrase } from './phrases.ts'

const OPERATIONS: Readonly<Record<string, string>> = {
  put: '写入',
  get: '读取',
  list: '列出',
  remove: '删除',
  link: '生成链接',
}

/** Why a store refuses, by what storage/known-failures.ts says of it. */
const STORE: readonly Phrase[] = [
  [/^the object ends before the bytes that were asked for/, '对象在请求的字节之前就结束了'],
  [/^the bucket does not exist/, 'bucket 不存在'],
  [/^the store does not accept the name of the bucket/, '存储不接受这个 bucket 名'],
  [/^the store does not know the access key/, '存储不认识这个 access key'],
  [/^the store refuses the signature/, '存储拒绝了签名'],
  [/^the temporary credentials are no longer valid/, '临时凭证已失效'],
  [/^no credentials were found/, '没有找到凭证'],
  [
    /^the clocks of this node and of the store differ by more than the store allows/,
    '节点与存储的时钟相差过大',
  ],
  [/^the request was signed for another region/, '请求签名用的是另一个 region'],
  [/^the bucket lives at another endpoint/, 'bucket 在另一个 endpoint'],
  [/^the store wants the bucket in the host name/, '存储要求 bucket 在域名里（virtual-hosted）'],
  [/^a policy denies the request explicitly/, '被策略明确拒绝（explicit deny）'],
  [
    /^the store refuses the access key the bucket's encryption key/,
    'access key 没有 bucket 加密密钥（KMS）的权限',
  ],
  [/^something before the store refuses/, '存储前面的代理或网关拒绝了请求'],
  [/^the store refuses the access key/, 'access key 没有权限'],
  [/^the store has forgotten the multipart upload/, '存储里的分片上传已被清除'],
  [/^the store is full/, '存储已满'],
  [
    /^the store, or the proxy before it, does not take so much in one request/,
    '存储或它前面的代理限制了单个请求的大小',
  ],
  [/^the object is larger than the store takes/, '对象超过存储允许的大小'],
  [/^the store does not know this kind of request/, '存储不支持这种请求'],
  [/^there is no such object/, '对象不存在'],
  [/^the store is overloaded and kept refusing/, '存储过载，一直拒绝请求'],
  [/^the name of the store's endpoint does not resolve on this node/, '本节点解析不了存储的域名'],
  [/^nothing listens at the store's endpoint/, '存储的 endpoint 没有服务在监听'],
  [/^there is no route to the store's endpoint/, '到存储 endpoint 没有路由'],
  [/^the store's certificate is not trusted/, '存储的证书不受信任'],
  [/^the store's certificate is not valid today/, '存储的证书不在有效期内'],
  [/^the store's certificate is for another name/, '存储的证书与域名不符'],
  [/^the store does not answer in time/, '存储没有及时应答'],
  [/^the connection to the store broke/, '与存储的连接中断'],
  [/^what reached the store is not what was sent/, '存储收到的内容与发送的不一致'],
  [/^the proxy does not connect to the store/, '代理连不上存储'],
  [/^the proxy cannot be reached/, '代理连不上'],
  [/^the store does not speak TLS at this port/, '存储的这个端口不是 TLS'],
  [/^the file system is full/, '文件系统已满'],
  [/^the file system is mounted read-only/, '文件系统是只读挂载'],
  [/^the file system refuses access/, '文件系统拒绝访问'],
  [/^the path leads over something that is no directory/, '路径中有一段不是目录'],
  [/^the store answers without an end/, '存储的应答没有结尾'],
  [/^the mounted file system does not work/, '挂载的文件系统工作不正常'],
  [/^the file system does not take such a long name/, '文件名超过文件系统的限制'],
  [/^the store failed/, '存储内部出错'],
]

const LOSSES: readonly Phrase[] = [
  [
    /^Cannot (put|get|list|remove|link) "(.*?)": (.+)$/,
    (operation = '', place = '', why = '') =>
      `无法${OPERATIONS[operation] ?? ''} "${place}"：${storeInZh(why)}`,
  ],
  [/^the data to store broke off: (.+)$/, (why = '') => `待存储的数据中断：${inZh(why)}`],
  [/^the store confirmed the object and does not have it$/, '存储确认收到了对象，却没有它'],
  [/^the store confirmed part (\d+) and does not have it$/, '存储确认收到了第 $1 个分片，却没有它'],
  [
    /^the store confirmed parts from (\d+) on and does not have them$/,
    '存储确认收到了第 $1 个起的分片，却没有它们',
  ],
  [
    /^the store confirmed the object and does not answer when it is looked at$/,
    '存储确认收到了对象，但查看时没有应答',
  ],
  [
    /^the file system at "(.+)" does not answer: a call to it hangs for longer than (\d+) s$/,
    '"$1" 处的文件系统没有响应：调用已卡住超过 $2 秒',
  ],
  [/^neither the store nor the spool of its node had room for more$/, '存储和节点的 spool 都没有空间了'],
  [
    /^the store had no room for more, and its namespace had its share of the spool of its node, spool\.perNamespace$/,
    '存储没有空间，所在命名空间在节点 spool 中的份额也已用完（spool.perNamespace）',
  ],
  [
    /^there was no room for more of it in the spool of its node, and the last of what is there may be zeros$/,
    '节点的 spool 没有空间了，已存部分的末尾可能是零',
  ],
  [
    /^its namespace had its share of the spool of its node, spool\.perNamespace, and the last of what is there may be zeros$/,
    '所在命名空间在节点 spool 中的份额已用完（spool.perNamespace），已存部分的末尾可能是零',
  ],
  [/^its process had been held for ([\d.]+) s: limits\.maxHold$/, '进程被挂起已达 $1 秒（limits.maxHold）'],
  [/^limits\.maxCoreSize$/, '超过了 limits.maxCoreSize 的上限'],
  [
    /^(\d+) bytes of its memory were replaced by zeros, all but stacks and what else a backtrace needs: (.+)$/,
    (bytes = '', why = '') => `内存中有 ${bytes} 字节被零替代，只保留栈和回溯所需的部分：${inZh(why)}`,
  ],
  [
    /^the kernel stopped after (\d+) of (\d+) bytes: the process was killed while it dumped \(.*\)$/,
    '内核写了 $1 / $2 字节后停止：进程在 dump 时被杀（容器被删除、探针失败或内存耗尽）',
  ],
  [
    /^the file ends after (\d+) of (\d+) bytes: the process was killed while it dumped, or the disk was full$/,
    '文件只有 $1 / $2 字节：进程在 dump 时被杀，或磁盘已满',
  ],
  [
    /^only (\d+) of (\d+) bytes were kept: (.+)$/,
    (some = '', all = '', why = '') => `只保存了 ${some} / ${all} 字节：${inZh(why)}`,
  ],
  [
    /^what was stored of it could not be removed: (.+)$/,
    (why = '') => `已存的部分无法删除：${storeInZh(why)}`,
  ],
  [/^Cannot keep the core of process (\d+): the kernel wrote nothing$/, '进程 $1 的 core：内核什么都没有写'],
  [
    /^a core of the same crash was kept at (.+), and dedupe keeps no more$/,
    '同样崩溃的 core 已在 $1 保存过一份，dedupe 不再多存',
  ],
  [
    /^a core of the same crash was kept in the cluster, and dedupe keeps no more until (.+)$/,
    '集群中已保存过同样崩溃的 core，$1 之前 dedupe 不再多存',
  ],
  [
    /^its workload has had (\d+) cores kept on this node since (.+), and limits\.perWorkload keeps no more within an hour$/,
    '该工作负载自 $2 起在本节点已保存 $1 份 core，limits.perWorkload 一小时内不再多存',
  ],
  [
    /^its handler was killed before it could say that it is whole$/,
    'handler 还没来得及确认 core 是否完整就被杀了',
  ],
  [/^its handler was killed before the store had any of it$/, 'handler 被杀时存储还什么都没收到'],
  [/^the store has forgotten its upload$/, '存储里的分片上传已被清除'],
  [/^the reason is not known$/, '原因未知'],
  [/^the mount path "(.*)" does not exist$/, '挂载路径 "$1" 不存在'],
  [/^the mount path "(.*)" is no directory$/, '挂载路径 "$1" 不是目录'],
  [/^the credentials that the installer handed over have expired$/, 'installer 下发的凭证已过期'],
  [
    /^the data is longer than was announced: more than (\d+) parts of (\d+) bytes$/,
    '数据比预先声明的长：超过 $1 个 $2 字节的分片',
  ],
  [/^its handler was killed while it stored the core$/, 'handler 在存储 core 时被杀'],
  [/^its handler was killed before any of it was kept$/, 'handler 被杀时还什么都没存下'],
  [
    /^the store has forgotten the beginning of it, which was not on the node any more$/,
    '存储里已没有它的开头部分，节点上也没有了',
  ],
  [/^a process was killed, and the store does not let us look$/, '有进程被杀，而存储不允许查看'],
  [/^it does not begin as a little-endian ELF file$/, '开头不是小端 ELF 文件'],
  [/^it is an ELF file of type (\d+), not a core$/, '它是类型为 $1 的 ELF 文件，不是 core'],
  [/^its program headers have (\d+) bytes each$/, '它的 program header 每个有 $1 字节'],
  [
    /^it has over 65,534 segments, and the first are not its notes$/,
    '它有超过 65534 个 segment，而开头的不是 note',
  ],
  [/^its head claims to be (\d+) bytes long$/, '它的头部自称有 $1 字节'],
  [/^this is a test of the channel: nothing crashed$/, '这是一条测试消息，没有发生崩溃'],
]

function storeInZh(english: string): string {
  const known = byPhrases(english, STORE)
  const evidence = / \(([^()]*)\)$/.exec(english)?.[1]
  if (known === null) return inZh(english)
  return evidence === undefined ? known : `${known}（${evidence}）`
}

function inZh(english: string): string {
  return byPhrases(english, LOSSES) ?? byPhrases(english, STORE) ?? english
}

/** Why a core is not whole, or not there, in Chinese; in English as far as that is not known here. */
export function lossInZh(english: string): string {
  return english.split('; ').map(inZh).join('；')
}
