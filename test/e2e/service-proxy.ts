import { once } from 'node:events'
import net from 'node:net'
import type { KubeObject } from '../../kube/objects.ts'
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
  const { spec } = await kube.get<Service>(`/api/v1/namespaces/${namespace}/services/${name}`)
  const sockets = new Set<net.Socket>()
  const server = net.createServer(socket => {
    sockets.add(socket.once('close', () => sockets.delete(socket)))
    const target = net.connect(port, '127.0.0.1')
    // Who fails takes the other along, and the caller says what that means.
    socket.on('error', () => target.destroy()).pipe(target)
    target.on('error', () => socket.destroy()).pipe(socket)
  })
  server.listen(spec.ports[0]?.port, spec.clusterIP)
  await once(server, 'listening')
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
