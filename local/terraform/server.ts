import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Cloud } from '../cloud.ts';
import { dataSources } from './data/index.ts';
import { Connections } from './protocol/connections.ts';
import { wireProviderSchema } from './protocol/wire.ts';
import { Provider } from './provider.ts';
import { resources } from './resources/index.ts';
import { loadProviderSchema } from './schema/load.ts';

export interface RunningProvider {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Value of TF_REATTACH_PROVIDERS: with it, terraform talks to this process instead of installing hashicorp/aws. */
  readonly reattach: string;
  close(): Promise<void>;
}

/**
 * Serves Terraform's plugin protocol 6 as hashicorp/aws on 127.0.0.1. Port 0 picks a free one. Everything that is created
 * lives in `cloud`, so a provider that is started again on the same cloud finds it.
 */
export async function startProvider(options: {
  readonly cloud: Cloud;
  readonly port: number;
}): Promise<RunningProvider> {
  const { cloud } = options;
  const schema = loadProviderSchema();
  const connections = new Connections();
  const provider = new Provider({ cloud, schema, resources, dataSources, connections });
  const handlers = createHandlers(provider, connections);
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  server.addService(serviceDefinition(wireProviderSchema(schema)), implement(handlers, cloud));
  const port = await bind(server, options.port);
  const address = `127.0.0.1:${port}`;
  return { address, reattach: reattachConfig(address), close: () => shutdown(server) };
}

// Requests are what tfplugin6.proto declares; `Provider` types each of them.
// biome-ignore lint/suspicious/noExplicitAny: the boundary to grpc-js, which knows no message types
type Handler = (request: any, peer: string) => object | Promise<object>;

function createHandlers(provider: Provider, connections: Connections): Record<string, Handler> {
  return {
    GetProviderSchema: () => ({}),
    ValidateProviderConfig: (request) => ({ diagnostics: provider.validateProvider(request) }),
    ConfigureProvider: (request, peer) => ({ diagnostics: provider.configure(request, peer) }),
    StopProvider: (_request, peer) => {
      connections.stop(peer);
      return {};
    },
    ValidateResourceConfig: (request) => ({ diagnostics: provider.validateResource(request) }),
    UpgradeResourceState: (request) => provider.upgrade(request),
    ReadResource: (request, peer) => provider.read(request, peer),
    PlanResourceChange: (request, peer) => provider.plan(request, peer),
    ApplyResourceChange: (request, peer) => provider.apply(request, peer),
    ImportResourceState: (request, peer) => provider.import(request, peer),
    ValidateDataResourceConfig: () => ({ diagnostics: [] }),
    ReadDataSource: (request, peer) => provider.readData(request, peer),
  };
}

/** The service as grpc-js wants it. The schema, the largest answer by far, is serialized once and not for every command. */
function serviceDefinition(schema: object): grpc.ServiceDefinition {
  const file = join(import.meta.dirname, 'protocol/tfplugin6.proto');
  const loaded = loadSync(file, { keepCase: true, longs: Number, enums: String, defaults: true });
  const service = loaded['tfplugin6.Provider'] as grpc.ServiceDefinition;
  const { GetProviderSchema } = service;
  if (!GetProviderSchema) throw new Error('tfplugin6.proto declares no GetProviderSchema');
  const serialized = GetProviderSchema.responseSerialize(schema);
  return { ...service, GetProviderSchema: { ...GetProviderSchema, responseSerialize: () => serialized } };
}

function implement(handlers: Record<string, Handler>, cloud: Cloud): grpc.UntypedServiceImplementation {
  const implementation = Object.entries(handlers).map(([name, handler]) => {
    const answer: grpc.handleUnaryCall<object, object> = (call, callback) => {
      Promise.resolve()
        .then(() => handler(call.request, call.getPeer()))
        .then(
          (response) => callback(null, response),
          (error: Error) => {
            cloud.log({ source: 'terraform', message: `${name} failed: ${error.message}`, stack: error.stack });
            callback({ code: grpc.status.INTERNAL, details: error.message });
          },
        );
    };
    return [name, answer] as const;
  });
  return Object.fromEntries(implementation);
}

function bind(server: grpc.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
}

// `Test` keeps terraform from ending this process; version 6 is the protocol, the process id is only for show.
function reattachConfig(address: string): string {
  const Addr = { Network: 'tcp', String: address };
  const aws = { Protocol: 'grpc', ProtocolVersion: 6, Pid: process.pid, Test: true, Addr };
  return JSON.stringify({ 'registry.terraform.io/hashicorp/aws': aws });
}

function shutdown(server: grpc.Server): Promise<void> {
  server.forceShutdown();
  return Promise.resolve();
}
