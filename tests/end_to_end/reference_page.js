// Runs the page's own script without a page, and prints each call's command as JSON, by the name of the call.
// Standard input: {page, document, base, values: {call: {parameter: text}}, bodies: {call: body}}.
const given = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const script = given.page.split('<script>')[1].split('</script>')[0];
const stubs = `
  const document = { getElementById: () => ({ replaceChildren() {} }) };
  const addEventListener = () => {};
  const fetch = async () => ({ ok: false });
`;
const { curl, sample } = new Function(`${stubs}${script}\nreturn { curl, sample };`)();

function body(api, id, described) {
  if (given.bodies[id]) return given.bodies[id];
  const [type, { schema } = {}] = Object.entries(described.requestBody?.content ?? {})[0] ?? [];
  if (!type) return undefined;
  return type.endsWith('json') ? { type, text: JSON.stringify(sample(api, schema), null, 2) } : { type, file: 'FILE' };
}

const commands = {};
for (const [path, methods] of Object.entries(given.document.paths)) {
  for (const [method, described] of Object.entries(methods)) {
    const id = described.operationId;
    const needed = (described.parameters ?? []).filter(parameter => parameter.required);
    const values = Object.fromEntries(needed.map(({ name, schema }) => [name, `${sample(given.document, schema)}`]));
    Object.assign(values, given.values[id]);
    commands[id] = curl(given.base, method, path, described, values, body(given.document, id, described));
  }
}
console.log(JSON.stringify(commands));
