/** What is in force, and what is still missing. */
export class State {
  hasStore = false
  hasKeyPair = false
  hasAuthentication = false
  isLeaving = false

  /** Why no request should come here; none: it may. */
  get problems(): readonly string[] {
    return [
      ...(this.isLeaving ? ['this replica is about to stop'] : []),
      ...(this.hasKeyPair ? [] : ['there is no certificate yet']),
      ...(this.hasAuthentication ? [] : ['whom the API server trusts to name users is not known yet']),
      ...(this.hasStore ? [] : ['no valid configuration has been there yet']),
    ]
  }
}
