/** A button that copies what stands in an element. */
function copying(place) {
  const button = element('button', { type: 'button' }, 'Copy');
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(place.textContent);
      button.textContent = 'Copied';
    } catch {
      // Without HTTPS a browser may keep the clipboard to itself: what is selected can be copied by hand.
      getSelection().selectAllChildren(place);
      button.textContent = document.execCommand('copy') ? 'Copied' : 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  };
  return button;
}

function code(text, label) {
  const place = element('pre', { tabIndex: 0, ariaLabel: label }, text);
  return element('div', { className: 'code' }, place, copying(place));
}

/** A field with its name; `wide` ones take the whole width. */
function field(name, input, note) {
  input.id ||= `field-${field.count = (field.count ?? 0) + 1}`;
  return element('div', { className: 'field' },
    element('label', { htmlFor: input.id }, element('code', {}, name), element('span', { className: 'quiet' }, note ?? '')), input);
}

/** An input for a parameter: a choice where the schema has one. */
function parameterInput(api, parameter) {
  const { schema } = resolve(api, parameter.schema);
  const choices = schema.enum ?? (schema.type === 'boolean' ? ['true', 'false'] : undefined);
  if (choices) {
    return element('select', {}, parameter.required ? '' : element('option', { value: '' }, ''),
      choices.map(choice => element('option', {}, choice)));
  }
  const standard = schema.default === undefined ? '' : `${schema.default}`;
  return element('input', { type: 'text', placeholder: standard, autocomplete: 'off', spellcheck: false });
}

/** Inputs for a body of one type, and what they hold: nothing, {type, text}, {type, file} or {fields}. */
function bodyInputs(api, type, schema) {
  if (type === 'multipart/form-data') {
    const inputs = Object.entries(resolve(api, schema).schema.properties ?? {}).map(([name, part]) =>
      ({ name, input: element('input', { type: isFile(api, part) ? 'file' : 'text' }) }));
    const read = () => ({
      fields: inputs.flatMap(({ name, input }) => input.type === 'file'
        ? { name, file: input.files[0] } : input.value ? { name, text: input.value } : []),
    });
    return { shown: inputs.map(({ name, input }) => field(name, input)), read };
  }
  if (type.endsWith('json')) {
    const input = element('textarea', { value: JSON.stringify(sample(api, schema), null, 2), spellcheck: false });
    return { shown: [field('Body', input, ` ${type}`)], read: () => ({ type, text: input.value }) };
  }
  const input = element('input', { type: 'file', accept: type.startsWith('image/') ? type : '' });
  const read = () => ({ type: type.includes('*') ? input.files[0]?.type || 'image/jpeg' : type, file: input.files[0] });
  return { shown: [field('Body', input, ` ${type}`)], read };
}

/** A body as `curl` takes it: a file by its name. */
function named(body) {
  const name = file => file?.name ?? 'FILE';
  if (body?.fields) return { fields: body.fields.map(part => 'file' in part ? { name: part.name, file: name(part.file) } : part) };
  return body && 'file' in body ? { type: body.type, file: name(body.file) } : body;
}

/** A body as `fetch` takes it. */
function sent(body) {
  if (!body?.fields) return body?.text ?? body?.file;
  const form = new FormData();
  for (const { name, text, file } of body.fields) {
    if (text !== undefined || file) form.append(name, text ?? file);
  }
  return form;
}

/** The answer to a call, as far as a page can show it. */
async function shownAnswer(answer, took) {
  const type = answer.headers.get('content-type') ?? '';
  const id = answer.headers.get('x-request-id');
  const blob = await answer.blob();
  const parts = [element('p', {},
    element('span', { className: `status ${answer.ok ? 'good' : 'bad'}` }, `${answer.status} ${answer.statusText}`.trim()),
    element('span', { className: 'quiet' }, ` ${took} ms, ${blob.size} bytes${type ? `, ${type}` : ''}${id ? `, request ${id}` : ''}`))];
  if (blob.size === 0) return parts;
  if (type.startsWith('image/')) {
    const picture = element('img', { src: URL.createObjectURL(blob), alt: 'The picture that was answered' });
    picture.onload = () => URL.revokeObjectURL(picture.src);
    return [parts, picture];
  }
  const longest = 200_000;
  let text = await blob.slice(0, longest).text();
  if (/^application\/(problem\+)?json/.test(type) && blob.size <= longest) text = JSON.stringify(JSON.parse(text), null, 2);
  if (blob.size > longest) parts.push(element('p', { className: 'quiet' }, `Of ${blob.size} bytes the first ${longest}:`));
  return [parts, code(text, 'Answer')];
}

/** A form that makes a call and shows its answer and its command. */
function trying(api, path, method, described) {
  const parameters = (described.parameters ?? []).filter(parameter => parameter.in !== 'cookie');
  const inputs = parameters.map(parameter => ({ parameter, input: parameterInput(api, parameter) }));
  const values = () => Object.fromEntries(inputs.map(({ parameter, input }) => [parameter.name, input.value]));
  const types = Object.entries(described.requestBody?.content ?? {});
  const bodies = types.map(([type, { schema }]) => bodyInputs(api, type, schema));
  const choice = element('select', {}, types.map(([type], index) => element('option', { value: index }, type)));
  const body = () => bodies[choice.value]?.read();

  const command = element('pre', { tabIndex: 0, ariaLabel: 'Command' });
  const base = new URL('.', location.href).href;
  const update = () => {
    bodies.forEach(({ shown }, index) => shown.forEach(part => { part.hidden = index !== Number(choice.value); }));
    command.textContent = curl(base, method, path, described, values(), named(body()));
  };

  const send = element('button', { type: 'submit', className: method === 'delete' ? 'send destroys' : 'send' }, 'Send');
  const stop = element('button', { type: 'button', hidden: true }, 'Stop');
  const answer = element('div', { className: 'answer', ariaLive: 'polite' });
  let running;
  stop.onclick = () => running?.abort();
  const form = element('form', {
    className: 'try',
    oninput: update,
    onsubmit: async event => {
      event.preventDefault();
      const missing = inputs.find(({ parameter, input }) => parameter.in === 'path' && !input.value);
      if (missing) {
        answer.replaceChildren(element('p', {}, 'Fill in ', element('code', {}, missing.parameter.name), '.'));
        missing.input.focus();
        return;
      }
      if (method === 'delete' && !confirm(`Really send DELETE ${path}?`)) return;
      const headers = new Headers();
      const key = document.getElementById('key').value;
      if (key) (described.security ?? []).flatMap(Object.keys).forEach(name => headers.set(name, key));
      const filled = values();
      running = new AbortController();
      send.disabled = true;
      stop.hidden = false;
      answer.replaceChildren(element('p', { className: 'quiet' }, 'Waiting for the answer.'));
      const started = performance.now();
      try {
        for (const { name } of parameters.filter(({ in: place, name }) => place === 'header' && filled[name])) {
          headers.set(name, filled[name]);
        }
        const given = body();
        if (given?.type) headers.set('Content-Type', given.type);
        const found = await fetch(base + target(path, parameters, filled), {
          method: method.toUpperCase(), headers, body: sent(given), signal: running.signal,
          mode: 'same-origin', credentials: 'omit', redirect: 'error', cache: 'no-store',
        });
        answer.replaceChildren(...(await shownAnswer(found, Math.round(performance.now() - started))).flat());
      } catch (error) {
        const reason = error.name === 'AbortError' ? 'Stopped.' : `No answer: ${error.message}`;
        answer.replaceChildren(element('p', {}, element('span', { className: 'status bad' }, reason)));
      } finally {
        send.disabled = false;
        stop.hidden = true;
      }
    },
  },
  element('h3', {}, 'Try it'),
  inputs.map(({ parameter, input }) => field(parameter.name, input, ` ${parameter.in}${parameter.required ? '' : ', optional'}`)),
  types.length > 1 ? field('Content-Type', choice) : '',
  bodies.map(({ shown }) => shown),
  element('div', { className: 'buttons' }, send, stop),
  element('h3', {}, 'As a command'),
  element('div', { className: 'code' }, command, copying(command)),
  answer);
  update();
  return form;
}
