import { crashFolder, keySegment, type Owner, parseCrashFolder } from './object-key.ts'

/**
 * What the name of an index object says of a crash. The object itself is empty, so that a list of crashes is a list
 * of names, the newest first.
 */
export interface IndexEntry {
  /** As in a key: `_none` where the cluster has no name. */
  readonly cluster: string
  /** First segment of the crash's folder: `_host` and `_unverified` count as namespaces. */
  readonly namespace: string
  /** To the second. */
  readonly time: Date
  readonly id: string
  /** `null`: not seen. */
  readonly podUid: string | null
  /** As in a key; of `_host` and `_unverified` the node. */
  readonly pod: string
  /** As in a key; empty: of `_host` and `_unverified`. */
  readonly container: string
  /** As in a key. */
  readonly comm: string
  readonly pid: number
  /** Number of the signal; `null`: not seen. */
  readonly signal: number | null
  /** Of the stored core; 0: there is none. */
  readonly storedBytes: number
  /** `crash.group` of the report; `null`: not seen. */
  readonly group: string | null
}

/** What all index objects are below, and no crash: no namespace begins with `_`. */
export const INDEX = '_index'
/** The names of all crashes, of the oldest hour first, begin with it. */
export const BY_TIME = `${INDEX}/time/`
/** Those of all clusters, of one cluster and namespace after the other, the newest first. */
export const BY_NAMESPACE = `${INDEX}/namespace/`
const LATEST_SECONDS = 9_999_999_999
// A file system takes names of 255 bytes.
const LONGEST_SEGMENT = 200
const NOT_SEEN = '-'

/**
 * `_index/time/<yyyy>/<mm>/<dd>/<hh>/<name>`, of all clusters. `<name>` is
 * `<reversed time>_<id>_<cluster>_<namespace>_<pod's uid>_<pod>_<container>_<signal>_<stored bytes>_<group>_<comm>_<pid>`.
 */
export function timeIndexKey(entry: IndexEntry): string {
  return hourPrefix(entry.time) + named([...moment(entry), entry.cluster, entry.namespace, ...rest(entry)])
}

/** The names of the crashes of one hour, of UTC, begin with it. */
export function hourPrefix(time: Date): string {
  return `${BY_TIME}${time.toISOString().slice(0, 13).replace(/[-T]/g, '/')}/`
}

/** `_index/namespace/<cluster>/<namespace>/<name>`, which is that of the time without cluster and namespace. */
export function namespaceIndexKey(entry: IndexEntry): string {
  return namespaceIndexPrefix(entry) + named([...moment(entry), ...rest(entry)])
}

/** The names of the crashes of one namespace begin with it. `namespace` as a person wrote it, or `_host`. */
export function namespaceIndexPrefix({
  cluster,
  namespace,
}: Pick<IndexEntry, 'cluster' | 'namespace'>): string {
  return `${BY_NAMESPACE}${clusterIn(cluster)}/${namespaceIn(namespace)}/`
}

/** The names of the crashes of a cluster, by namespace, begin with it. */
export function clusterIndexPrefix(cluster: string): string {
  return `${BY_NAMESPACE}${clusterIn(cluster)}/`
}

/** The one crash of that second and id has a name that goes on from it. */
export function crashIndexPrefix(entry: Pick<IndexEntry, 'cluster' | 'namespace' | 'time' | 'id'>): string {
  return `${namespaceIndexPrefix(entry)}${moment(entry).join('_')}_`
}

/** The same by time; another crash of that second and id, of another namespace, may have one that goes on from it. */
export function crashTimePrefix(crash: Pick<IndexEntry, 'time' | 'id'>): string {
  return `${hourPrefix(crash.time)}${moment(crash).join('_')}_`
}

/** What the name of a crash of that second, or an older one, comes behind. */
export function noNewerThan(time: Date): string {
  return reversed(time)
}

/** `null`: a key that neither {@link timeIndexKey} nor {@link namespaceIndexKey} makes, so not ours. */
export function parseIndexKey(key: string): IndexEntry | null {
  const entry = key.startsWith(BY_TIME) ? byTime(key) : byNamespace(key)
  if (entry === null) return null
  const again = key.startsWith(BY_TIME) ? timeIndexKey : namespaceIndexKey
  return isCrash(entry) && again(entry) === key ? entry : null
}

/** Where the crash itself is, without a slash at its end. */
export function indexedFolder(entry: IndexEntry): string {
  return crashFolder(ownerIn(entry), entry)
}

/** What is known of a crash from its folder alone; `null`: no folder of ours. */
export function entryOfFolder(folder: string, cluster: string): IndexEntry | null {
  const parsed = parseCrashFolder(folder)
  if (parsed === null) return null
  const [namespace = '', pod = '', container = ''] = folder.split('/')
  const { time, id, comm, pid, owner } = parsed
  const unseen = { podUid: null, signal: null, storedBytes: 0, group: null }
  const named = { namespace, pod, container: owner.kind === 'pod' ? container : '', comm: keySegment(comm) }
  return { cluster: clusterIn(cluster), time, id, pid, ...named, ...unseen }
}

function moment({ time, id }: Pick<IndexEntry, 'time' | 'id'>): string[] {
  return [reversed(time), id]
}

function rest({ podUid, pod, container, signal, storedBytes, group, comm, pid }: IndexEntry): string[] {
  const seen = [signal, storedBytes, group?.replace(':', '.') ?? null]
  return [podUid, pod, container, ...seen, comm, pid].map(part => `${part ?? ''}` || NOT_SEEN)
}

/** The newest has the least number. */
function reversed(time: Date): string {
  return String(LATEST_SECONDS - Math.floor(time.getTime() / 1000)).padStart(10, '0')
}

/** No part holds `_` itself, so that it parts them; the last one is a number, so no segment is all dots. */
function named(parts: readonly string[]): string {
  const name = parts.map(part => part.replaceAll('_', '!')).join('_')
  return (name.match(SEGMENTS) ?? []).join('/')
}

const SEGMENTS = new RegExp(`.{1,${LONGEST_SEGMENT}}`, 'g')

function byTime(key: string): IndexEntry | null {
  const [, , , , , , ...name] = key.split('/')
  const [time, id, cluster = '', namespace = '', ...more] = partsIn(name)
  return entryIn(cluster, namespace, [time, id, ...more])
}

function byNamespace(key: string): IndexEntry | null {
  const [, , cluster = '', namespace = '', ...name] = key.split('/')
  return entryIn(cluster, namespace, partsIn(name))
}

function partsIn(segments: readonly string[]): (string | undefined)[] {
  return segments
    .join('')
    .split('_')
    .map(part => part.replaceAll('!', '_'))
}

function entryIn(
  cluster: string,
  namespace: string,
  parts: readonly (string | undefined)[],
): IndexEntry | null {
  if (parts.length !== 10 || parts.includes(undefined)) return null
  const [time, id, uid, pod, container, signal, bytes, group, comm, pid] = parts as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  if (!/^\d{10}$/.test(time)) return null
  return {
    ...{ cluster, namespace, id, pod, comm },
    time: new Date((LATEST_SECONDS - Number(time)) * 1000),
    podUid: seen(uid),
    container: seen(container) ?? '',
    pid: Number(pid),
    signal: seen(signal) === null ? null : Number(signal),
    storedBytes: Number(bytes),
    group: seen(group)?.replace('.', ':') ?? null,
  }
}

function seen(part: string): string | null {
  return part === NOT_SEEN ? null : part
}

/** Nothing but what a crash of ours can be. */
function isCrash(entry: IndexEntry): boolean {
  const { podUid, signal, storedBytes, pid, group } = entry
  const numbers = [signal ?? 0, storedBytes, pid]
  if (!numbers.every(number => Number.isSafeInteger(number) && number >= 0)) return false
  if (podUid !== null && !isPodUid(podUid)) return false
  if (group !== null && !isGroup(group)) return false
  return parseCrashFolder(indexedFolder(entry)) !== null
}

/** A pod's UID, or the digest that a static pod has instead. */
export function isPodUid(text: string): boolean {
  return /^[0-9A-Za-z][0-9A-Za-z-]{0,62}$/.test(text)
}

/** `v2:…` */
export function isGroup(text: string): boolean {
  return /^v\d{1,3}:[0-9a-f]{1,64}$/.test(text)
}

function ownerIn({ namespace, pod, container }: IndexEntry): Owner {
  if (namespace === '_host') return { kind: 'host', node: pod }
  if (namespace === '_unverified') return { kind: 'unverified', node: pod }
  return { kind: 'pod', namespace, pod, container }
}

const OWN_FOLDERS = ['_host', '_unverified']

function namespaceIn(namespace: string): string {
  return OWN_FOLDERS.includes(namespace) ? namespace : keySegment(namespace)
}

/** The cluster as a key names it: `_none` for one without a name. */
export function clusterIn(cluster: string): string {
  return cluster === '' || cluster === '_none' ? '_none' : keySegment(cluster)
}
