/** An element with attributes and children; text stays text, so nothing of the document is run. */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  Object.assign(made, attributes);
  made.append(...children.flat(Infinity));
  return made;
}

/** Text with `code` in it. */
function prose(text) {
  return (text ?? '').split('`').map((part, index) => (index % 2 ? element('code', {}, part) : part));
}

function paragraphs(text) {
  return (text ?? '').split('\n\n').filter(Boolean).map(part => element('p', {}, prose(part)));
}

/** A schema in a few words, such as `array of uuid` or `integer >= 0, or null`. */
function words(api, given) {
  const { schema, name } = resolve(api, given);
  if (schema.enum) return schema.enum.map(value => JSON.stringify(value)).join(' | ');
  if (schema.oneOf) return schema.oneOf.map(part => words(api, part)).join(', or ');
  if (schema.properties || schema.allOf) return name ?? 'object';
  const types = [schema.type ?? 'any'].flat();
  const said = types.filter(type => type !== 'null').map(type => {
    if (type === 'array') {
      const count = schema.minItems !== undefined && schema.minItems === schema.maxItems ? `${schema.minItems} ` : '';
      return `array of ${count}${words(api, schema.items)}`;
    }
    if (type === 'object' && schema.additionalProperties) {
      return `map of ${words(api, schema.additionalProperties)}`;
    }
    const format = type === 'string' && schema.format ? schema.format : type;
    return format + range(schema);
  });
  return said.concat(types.filter(type => type === 'null')).join(', or ');
}

function range(schema) {
  if (schema.maxLength !== undefined) return ` of ${schema.minLength ?? 0} to ${schema.maxLength} characters`;
  if (schema.minimum !== undefined && schema.maximum !== undefined) return ` ${schema.minimum} to ${schema.maximum}`;
  return schema.minimum === undefined ? '' : ` >= ${schema.minimum}`;
}

/** Every object within a schema that has properties of its own. */
function objects(api, given) {
  const { schema, name } = resolve(api, given);
  if (schema.properties) return [{ schema, name }];
  const parts = [schema.items, schema.additionalProperties, ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return parts.filter(part => typeof part === 'object').flatMap(part => objects(api, part));
}

/** A table of an object's fields, each with the tables of what is inside of it. */
function fields(api, given) {
  return objects(api, given).map(({ schema }) => element('table', {},
    Object.entries(schema.properties).map(([name, field]) => {
      const always = (schema.required ?? []).includes(name);
      return element('tr', {},
        element('td', {}, element('code', {}, name)),
        element('td', {},
          element('code', {}, words(api, field)),
          always ? '' : element('span', { className: 'quiet' }, ' may be absent'),
          paragraphs(field.description ?? resolve(api, field).schema.description),
          fields(api, field)));
    })));
}

/** What a request or an answer carries. */
function content(api, body) {
  return Object.entries(body?.content ?? {}).flatMap(([type, { schema }]) => [
    element('p', {}, element('code', {}, type), schema ? ': ' : '', schema ? element('code', {}, words(api, schema)) : ''),
    type === 'application/problem+json' ? [] : fields(api, schema),
  ]);
}

function parameters(api, list) {
  if (!list?.length) return [];
  const rows = list.map(parameter => element('tr', {},
    element('td', {}, element('code', {}, parameter.name)),
    element('td', {}, element('code', {}, words(api, parameter.schema)), ` in the ${parameter.in}`,
      parameter.required ? '' : element('span', { className: 'quiet' }, ' may be absent'),
      paragraphs(parameter.description))));
  return [element('h3', {}, 'Parameters'), element('table', {}, rows)];
}
