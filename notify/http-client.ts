/** What we use of undici. It is loaded when there is a channel to be told. */
export { Agent, ProxyAgent, request } from 'undici'
