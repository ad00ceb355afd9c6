/** What it takes to speak CRI. It is loaded for the crash of a container only. */
export { Client, credentials, status } from '@grpc/grpc-js'
export { default as protobuf } from 'protobufjs/light.js'
