/** What a call takes and answers, looked up by method and path in the types of the OpenAPI document. */
import type { paths } from './schema';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

type Operation<M, P> = P extends keyof paths ? (M extends keyof paths[P] ? paths[P][M] : never) : never;

type Parameter<O, Kind extends string> = O extends { parameters: infer All }
  ? Kind extends keyof All
    ? Exclude<All[Kind], undefined>
    : never
  : never;

type JsonOf<Content> = Content extends { content: { 'application/json': infer Json } } ? Json : undefined;

/** Every path of the worker. */
export type Path = keyof paths;

/** What the call answers when it succeeds. */
export type Answer<M extends Method, P extends Path> =
  Operation<M, P> extends { responses: infer All } ? JsonOf<All[keyof All & (200 | 202)]> : never;

type Body<O> = O extends { requestBody?: infer R }
  ? Exclude<R, undefined> extends { content: { 'application/json': infer Json } }
    ? Json
    : never
  : never;

type Given<Name extends string, T> = [T] extends [never] ? unknown : { [K in Name]: T };
type MayBeGiven<Name extends string, T> = [T] extends [never] ? unknown : { [K in Name]?: T };

/** What the call is given: path parameters, query, and a JSON body or a file. */
export type CallOptions<M extends Method, P extends Path> = Given<'path', Parameter<Operation<M, P>, 'path'>> &
  MayBeGiven<'query', Parameter<Operation<M, P>, 'query'>> & {
    body?: Body<Operation<M, P>> | FormData | Blob;
    signal?: AbortSignal;
    headers?: Record<string, string>;
  };
