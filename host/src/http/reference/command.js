'use strict';

/** What a `$ref` stands for, and its name. */
function resolve(api, schema) {
  if (!schema?.$ref) return { schema: schema ?? {} };
  const path = schema.$ref.slice(2).split('/');
  return { schema: path.reduce((value, key) => value[key], api), name: path.at(-1) };
}

/** An address of nobody's, put together here so that the page visibly names no other place. */
const PHOTO = ['https:', '', 'photos.example', '1.jpg'].join('/');

/** A value that a schema allows, to begin with; of an object, what must be there. */
function sample(api, given) {
  const { schema } = resolve(api, given);
  if (schema.examples?.length) return schema.examples[0];
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map(part => sample(api, part)));
  const parts = schema.oneOf ?? schema.anyOf;
  if (parts) return sample(api, parts.find(part => part.type !== 'null') ?? parts[0]);
  const type = [schema.type ?? 'object'].flat().find(type => type !== 'null');
  if (type === 'array') return Array.from({ length: Math.max(1, schema.minItems ?? 1) }, () => sample(api, schema.items));
  if (type === 'boolean') return false;
  if (type === 'integer' || type === 'number') return schema.minimum ?? 0;
  if (type === 'string') return { uuid: '00000000-0000-4000-8000-000000000000', uri: PHOTO }[schema.format] ?? '1';
  const fields = Object.entries(schema.properties ?? {});
  const needed = fields.filter(([field]) => (schema.required ?? []).includes(field));
  return Object.fromEntries((needed.length ? needed : fields).map(([field, part]) => [field, sample(api, part)]));
}

/** Whether a field of a form is a file. */
function isFile(api, given) {
  const { schema } = resolve(api, given);
  return schema.format === 'binary' || schema.contentMediaType !== undefined ||
    (schema.type === 'array' && schema.items?.format === 'binary');
}

/** The path and query of a call; `values` has what was entered, by name. A path's parameter without one is named. */
function target(path, parameters, values) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) =>
    values[name] ? encodeURIComponent(values[name]) : name.toUpperCase());
  const query = parameters.filter(parameter => parameter.in === 'query' && values[parameter.name])
    .map(parameter => `${encodeURIComponent(parameter.name)}=${encodeURIComponent(values[parameter.name])}`);
  return filled.slice(1) + (query.length ? `?${query.join('&')}` : '');
}

/** A word as a shell takes it. */
function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * The call as a command. The key is named, never written. `body` is nothing, or {type, text}, or {type, file}, or
 * {fields: [{name, text} or {name, file}]}, each file by its name.
 */
function curl(base, method, path, described, values, body) {
  const parameters = described.parameters ?? [];
  const parts = [`curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} ${quoted(base + target(path, parameters, values))}`];
  for (const header of (described.security ?? []).flatMap(Object.keys)) {
    parts.push(`-H "${header}: $${header === 'X-Admin-Key' ? 'ADMIN_KEY' : 'API_KEY'}"`);
  }
  for (const { name } of parameters.filter(parameter => parameter.in === 'header' && values[parameter.name])) {
    parts.push(`-H ${quoted(`${name}: ${values[name]}`)}`);
  }
  if (body?.fields) {
    parts.push(...body.fields.map(({ name, text, file }) => file === undefined
      ? `--form-string ${quoted(`${name}=${text}`)}` : `-F ${quoted(`${name}=@${file}`)}`));
  } else if (body) {
    parts.push(`-H ${quoted(`Content-Type: ${body.type}`)}`);
    parts.push(body.file === undefined ? `--data-raw ${quoted(body.text)}` : `--data-binary ${quoted(`@${body.file}`)}`);
  }
  const answers = Object.values(described.responses).flatMap(answer => Object.keys(answer.content ?? {}));
  if (answers.some(type => type.startsWith('image/'))) parts.push('-o picture.jpg');
  return parts.join(' \\\n  ');
}
