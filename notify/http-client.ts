/** What we use of undici. It is loaded when there is somebody to be told. */
export { Agent, request } from 'undici'
