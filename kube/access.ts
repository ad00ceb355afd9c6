import path from 'node:path'

/** Where the API server is and who we are to it. The files are read when they are needed: they rotate. */
export interface KubeAccess {
  /** Without a slash at its end. */
  readonly url: string
  readonly tokenFile: string | null
  /** `null`: the authorities that Node trusts. */
  readonly caFile: string | null
  /** Holds the name of the namespace that we run in. */
  readonly namespaceFile: string | null
}

/** Where the kubelet mounts what a service account has. */
export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * What the kubelet gives every pod; `null` outside of one.
 * https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */
export function inCluster(
  environment: Readonly<Record<string, string | undefined>>,
  folder = SERVICE_ACCOUNT_FOLDER,
): KubeAccess | null {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = environment
  if (host === '') return null
  return {
    url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tokenFile: path.join(folder, 'token'),
    caFile: path.join(folder, 'ca.crt'),
    namespaceFile: path.join(folder, 'namespace'),
  }
}
