import { createServer } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

/**
 * A server in a thread of its own: it answers as soon as it has read anything, without reading on, and closes, as
 * fasthttp does. It posts its port, and says in `workerData` when the connection was reset.
 */
const closed = new Int32Array(workerData)
const ANSWER = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'
const server = createServer(socket => {
  socket.once('data', () => socket.write(ANSWER, () => socket.resetAndDestroy()))
  socket.once('close', () => {
    Atomics.store(closed, 0, 1)
    Atomics.notify(closed, 0)
  })
})
server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address()))
