/** Of the official client only what reads a kubeconfig: an import() of the package itself would bundle all of it. */
export { KubeConfig } from '@kubernetes/client-node'
