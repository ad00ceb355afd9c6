import type { Server } from 'node:https'
import type { SecureVersion } from 'node:tls'
import type { KeyPair } from './certificate/key-pair.ts'

/** What new connections are made with: our key pair, and whose certificates clients may show. */
export class ServerContext {
  readonly #server: Pick<Server, 'setSecureContext'>
  readonly #minVersion: SecureVersion
  #pair: KeyPair | null = null
  #authorities: string | null = null

  constructor(server: Pick<Server, 'setSecureContext'>, minVersion: SecureVersion) {
    this.#server = server
    this.#minVersion = minVersion
  }

  useKeyPair(pair: KeyPair): void {
    this.#pair = pair
    this.#set()
  }

  believeClientsOf(authorities: string): void {
    this.#authorities = authorities
    this.#set()
  }

  #set(): void {
    if (this.#pair === null) return
    const { certificate: cert, key } = this.#pair
    // Without any list, Node would believe all authorities of the web.
    const ca = this.#authorities ?? []
    this.#server.setSecureContext({ minVersion: this.#minVersion, cert, key, ca })
  }
}
