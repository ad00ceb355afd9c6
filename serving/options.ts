/** What the command line of every server says. */
export interface ServingOptions {
  readonly port: number
  readonly metricsPort: number
  readonly certFile: string
  readonly keyFile: string
  readonly configDir: string
  readonly secretsDir: string
  readonly service: string
  readonly secret: string
}
