/** What we use of undici. It is loaded when there is somebody to be told or asked. */
export { Agent, ProxyAgent, request } from 'undici'
