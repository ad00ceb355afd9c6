import net from 'node:net'
import type { KubeObject } from '../../kube/objects.ts'
import { listenTracked } from '../tracked-server.ts'
import { eventually } from './eventually.ts'
import type { KubeCluster } from './kube-cluster.ts'

interface Service extends KubeObject {
  readonly spec: { readonly clusterIP: string; readonly ports: readonly { readonly port: number }[] }
}

/** What kube-proxy is for one Service: it leads from its address to `port` on this machine. */
export async function proxyService(
  { kube }: KubeCluster,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  port: number,
): Promise<AsyncDisposable> {
  // The API server makes its own Service some time after it is ready.
  const service = `/api/v1/namespaces/${namespace}/services/${name}`
  const { spec } = await eventually(`the Service ${name}`, 30, () => kube.get<Service>(service))
  const server = net.createServer(socket => {
    const target = net.connect(port, '127.0.0.1')
    // Who fails takes the other along, and the caller says what that means.
    socket.on('error', () => target.destroy()).pipe(target)
    target.on('error', () => socket.destroy()).pipe(socket)
  })
  const { close } = await listenTracked(server, spec.ports[0]?.port, spec.clusterIP)
  return { [Symbol.asyncDispose]: close }
}
