/** What a store can do and needs, as it says itself before it is asked for anything. */
export interface StoreTraits {
  /**
   * Whether another process can go on with an upload, as the installer does with what a handler left in the
   * spool.
   */
  readonly resumes: boolean
  /** Whether there are links that open an object for a while. */
  readonly links: boolean
  /** Whether it is reached over the network; else it is a directory that the node has mounted. */
  readonly isRemote: boolean
  /** Whether it is asked with credentials, and the configuration has none. */
  readonly needsCredentials: boolean
  /** Its URL, where the configuration knows one; `null`: AWS's own of the region, or there is none. */
  readonly endpoint: string | null
  /** Empty: it has none. */
  readonly region: string
}
