import path from 'node:path'

/** Where the handler's log is, below the demo's folder. */
export function logIn(folder: string): string {
  return path.join(folder, 'handler.log')
}

/** A coredog.yaml with which all that a handler writes on a node goes into `folder`. JSON is YAML too. */
export function configuration(folder: string, store: string, socket: string): string {
  return JSON.stringify({
    StorageConfig: { protocol: 'cfs', CFSMountPath: store },
    cri: { sockets: [socket] },
    paths: { log: logIn(folder), state: folder, run: folder },
  })
}
