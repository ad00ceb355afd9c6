import { byPhrases, type Phrase } from './phrases.ts'

/** What to do about it, by what storage/known-failures.ts and others say in English. */
export const HINTS_ZH: Readonly<Record<string, string>> = {
  'Read it from its beginning: another object may have taken its place.':
    '请从头读取：这个对象可能已被另一个替换。',
  'Create the bucket, or correct S3Bucket (on COS it ends in the APPID) and s3Region in StorageConfig.':
    '请创建 bucket，或修改 StorageConfig 的 S3Bucket（COS 的 bucket 名以 APPID 结尾）和 s3Region。',
  'Correct S3Bucket in StorageConfig: the name alone, without a scheme and without slashes.':
    '请修改 StorageConfig 的 S3Bucket：只写名字，不带协议头和斜杠。',
  'Correct s3AccesskeyID in StorageConfig, or create the key at the store.':
    '请修改 StorageConfig 的 s3AccesskeyID，或在存储端创建这个 key。',
  'Correct s3SecretAccessKey in StorageConfig; if it is right, look for a proxy that changes requests, and at s3Region.':
    '请修改 StorageConfig 的 s3SecretAccessKey；如果没写错，检查是否有代理改动请求，以及 s3Region。',
  'Renew the credentials, or see why whatever renews them has stopped.':
    '请更新凭证，或检查自动续期为什么停了。',
  'Set s3AccesskeyID and s3SecretAccessKey in StorageConfig, or give the node a role.':
    '请在 StorageConfig 配置 s3AccesskeyID 和 s3SecretAccessKey，或给节点绑定角色。',
  'Set the clock of the node: see why NTP does not keep it.': '请校准节点时钟：检查 NTP 为什么没有生效。',
  "Set s3Region in StorageConfig to the bucket's region.":
    '请把 StorageConfig 的 s3Region 改成 bucket 所在的 region。',
  "Set s3Region and S3Endpoint in StorageConfig to the bucket's own.":
    '请把 StorageConfig 的 s3Region 和 S3Endpoint 改成 bucket 自己的。',
  'Set protocol to cos or oss, or addressing to virtual, in StorageConfig.':
    '请把 StorageConfig 的 protocol 设为 cos 或 oss，或把 addressing 设为 virtual。',
  'Look for a Deny in the policies of the bucket, the access key and the organisation: many demand encryption (set serverSideEncryption in StorageConfig), https:// in S3Endpoint, or a network.':
    '请检查 bucket、access key 和组织策略里的 Deny：常见的要求是加密（设置 StorageConfig 的 serverSideEncryption）、S3Endpoint 用 https://，或限定来源网络。',
  'Allow the access key kms:GenerateDataKey and kms:Decrypt on the KMS key.':
    '请给 access key 授予该 KMS 密钥的 kms:GenerateDataKey 和 kms:Decrypt 权限。',
  'See what stands between this node and S3Endpoint: a proxy, a firewall, a gateway. No S3 answers so.':
    '请检查节点与 S3Endpoint 之间的代理、防火墙或网关：S3 不会这样应答。',
  'Allow the access key s3:PutObject and s3:AbortMultipartUpload on the bucket (s3:GetObject to read and for links, s3:ListBucket to list, s3:DeleteObject to remove).':
    '请给 access key 授予 bucket 的 s3:PutObject 和 s3:AbortMultipartUpload 权限（读取和下载链接需要 s3:GetObject，列出需要 s3:ListBucket，删除需要 s3:DeleteObject）。',
  'See who aborts incomplete uploads of this bucket so early: a lifecycle rule, or a clean-up job.':
    '请检查是谁过早清理了这个 bucket 的未完成分片：生命周期规则或清理任务。',
  'Raise limits.maxCoreSize to keep cores of this size whole.':
    '如需完整保存这么大的 core，请调大 limits.maxCoreSize。',
  'Raise limits.maxHold, or coredog.io/max-hold of the pod, or give the spool room (spool.maxBytes), which a core goes to when the time is over.':
    '请调大 limits.maxHold 或 Pod 的 coredog.io/max-hold，或给 spool 留出空间（spool.maxBytes）：到时后 core 会转存到 spool。',
  'Make room in the store; raise spool.perNamespace or spool.maxBytes for the next time that it is full.':
    '请给存储腾出空间；为防再次写满，可调大 spool.perNamespace 或 spool.maxBytes。',
  'Make room in the store; raise spool.maxBytes for the next time that it is full.':
    '请给存储腾出空间；为防再次写满，可调大 spool.maxBytes。',
  'Remove old cores, or raise the quota of the bucket.': '请删除旧的 core，或调大 bucket 配额。',
  'Raise the limit of the proxy before the store to 0: client_max_body_size of nginx, nginx.ingress.kubernetes.io/proxy-body-size of its ingress.':
    '请把存储前面代理的限制设为 0：nginx 的 client_max_body_size，Ingress 的 nginx.ingress.kubernetes.io/proxy-body-size。',
  'Set limits.maxCoreSize below what the store takes in one object.':
    '请把 limits.maxCoreSize 设到存储单个对象的上限以下。',
  'See that S3Endpoint in StorageConfig is an S3 API, not a web console, and that nothing old stands before it.':
    '请确认 StorageConfig 的 S3Endpoint 是 S3 API，不是网页控制台，前面也没有老旧的代理。',
  'See the listing of the store: it may have been removed, or expired by a lifecycle rule.':
    '请在存储里查看：可能已被删除，或被生命周期规则清理。',
  'See the state of the store; lower limits.concurrency if many nodes upload at once.':
    '请检查存储状态；如果很多节点同时上传，调小 limits.concurrency。',
  'Correct S3Endpoint in StorageConfig: a crash is handled on the host, where cluster names (*.svc) do not resolve by themselves.':
    '请修改 StorageConfig 的 S3Endpoint：崩溃在宿主机上处理，那里解析不了集群内域名（*.svc）。',
  'Start the store, or correct host and port of S3Endpoint in StorageConfig.':
    '请启动存储，或修改 StorageConfig 中 S3Endpoint 的主机和端口。',
  'Check network, firewall and security groups between this node and S3Endpoint.':
    '请检查节点到 S3Endpoint 的网络、防火墙和安全组。',
  'Check the store, and the network and firewalls between this node and S3Endpoint.':
    '请检查存储，以及节点到 S3Endpoint 的网络和防火墙。',
  'Check the store and any proxy before it; see that http:// or https:// in S3Endpoint is what it speaks.':
    '请检查存储和它前面的代理；确认 S3Endpoint 写的 http:// 或 https:// 与实际一致。',
  'Check the network and any proxy between this node and S3Endpoint: something cuts or changes requests.':
    '请检查节点到 S3Endpoint 的网络和代理：有东西截断或改动了请求。',
  'Write the certificate of its authority into network.caBundle, name its file in network.caFile, or let the node itself trust it (update-ca-certificates, update-ca-trust).':
    '请把签发它的 CA 证书写进 network.caBundle，或在 network.caFile 指定文件，或让节点信任它（update-ca-certificates、update-ca-trust）。',
  'Renew the certificate of the store, or set the clock of the node.': '请更新存储的证书，或校准节点时钟。',
  'Name the store in S3Endpoint as its certificate does; with the bucket in the host name it must cover *.<endpoint>, else set addressing to path in StorageConfig.':
    '请让 S3Endpoint 的域名与证书一致；bucket 在域名里时证书须覆盖 *.<endpoint>，否则把 StorageConfig 的 addressing 设为 path。',
  'Allow the store at the proxy, correct user and password in network.proxy, or name the store in network.noProxy.':
    '请在代理上放行存储，或修改 network.proxy 的用户名和密码，或把存储加入 network.noProxy。',
  'Correct network.proxy, see why the proxy does not answer, or name the store in network.noProxy.':
    '请修改 network.proxy，检查代理为什么没有应答，或把存储加入 network.noProxy。',
  'Begin S3Endpoint in StorageConfig with http://, or use the port for https.':
    '请把 StorageConfig 的 S3Endpoint 写成 http://，或改用 https 端口。',
  'Remove old cores from CFSMountPath, or enlarge the file system or its quota.':
    '请删除 CFSMountPath 下旧的 core，或给文件系统扩容、调大配额。',
  'Mount CFSMountPath writable.': '请把 CFSMountPath 挂载为可写。',
  'Make the directory writable for root on this node: NFS exports with root_squash turn root into nobody.':
    '请让该节点的 root 能写这个目录：NFS 的 root_squash 会把 root 变成 nobody。',
  'Replace the symbolic link or file below CFSMountPath by a directory: links are not followed there.':
    '请把 CFSMountPath 下的符号链接或文件换成目录：那里不跟随链接。',
  'See that S3Endpoint in StorageConfig is an S3 API: nothing that S3 answers is so long.':
    '请确认 StorageConfig 的 S3Endpoint 是 S3 API：S3 的应答不会这么长。',
  'Look at the server of CFSMountPath, then mount it again.': '请检查 CFSMountPath 的服务端，然后重新挂载。',
  'Look at the server of CFSMountPath, or at the program that serves it, and mount it again: until then cores wait in the spool.':
    '请检查 CFSMountPath 的服务端或提供它的程序，然后重新挂载：在此之前 core 在 spool 里等待。',
  'Shorten StoreDir in StorageConfig.': '请缩短 StorageConfig 的 StoreDir。',
  "Look into the store's own log.": '请查看存储自己的日志。',
  'Look at CFSMountPath on this node, and into the log of its kernel (`dmesg`).':
    '请检查本节点的 CFSMountPath 和内核日志（`dmesg`）。',
  'See that S3Endpoint in StorageConfig is an S3 API, and what its server logs.':
    '请确认 StorageConfig 的 S3Endpoint 是 S3 API，并查看它的服务端日志。',
  'See what the store did with it: its log, a full or failing disk, a lifecycle rule, or a proxy that answers in its place.':
    '请检查存储为什么丢了它：存储日志、磁盘已满或故障、生命周期规则，或有代理替它应答。',
  'Nothing, if it goes by: the installer looks again.': '如果能自行恢复就不用处理：installer 会再次查看。',
  'Nothing is wrong with the store: see what made the data.': '存储没有问题：请检查数据的来源。',
  'The process was killed before its dump began: look for a removed container, a failed probe, or memory that ran out.':
    '进程在开始 dump 之前就被杀了：请检查是否删除了容器、探针失败或内存耗尽。',
  'See the listing of the store: it may have been removed.': '请在存储里查看：可能已被删除。',
  'Mount the file system there on this node, or correct CFSMountPath in StorageConfig.':
    '请在本节点把文件系统挂载到该路径，或修改 StorageConfig 的 CFSMountPath。',
  'See in the log of the installer on this node why it does not renew them.':
    '请查看本节点 installer 的日志：为什么没有更新凭证。',
  'Choose another key.': '请换一个对象名。',
  'This is a bug in CoreDog: please report it with this line.':
    '这是 CoreDog 的 bug：请附上这一行提交 issue。',
  'Let a lifecycle rule of the bucket abort incomplete multipart uploads.':
    '请给 bucket 配置生命周期规则，自动清理未完成的分片上传。',
}

/** What stands behind a hint where a failed upload left something behind, or alone. */
const REMEDIES: readonly Phrase[] = [
  [
    /^(.+) (Let a lifecycle rule of the bucket .+)$/,
    (hint = '', remedy = '') => `${hintInZh(hint)}${hintInZh(remedy)}`,
  ],
  [
    /^(.+) (Remove the file .+ by hand\.)$/,
    (hint = '', remedy = '') => `${hintInZh(hint)}${hintInZh(remedy)}`,
  ],
  [/^Remove the file (.+) by hand\.$/, '请手动删除文件 $1。'],
]

/** What to do about it, in Chinese; in English what is not known here. */
export function hintInZh(english: string): string {
  if (Object.hasOwn(HINTS_ZH, english)) return HINTS_ZH[english] ?? english
  return byPhrases(english, REMEDIES) ?? english
}
