function details(api, path, method, described) {
  const keys = (described.security ?? []).flatMap(Object.keys).map(key => api.components.securitySchemes[key]);
  return element('div', { className: 'inside' },
    paragraphs(described.description),
    keys.map(key => element('p', {}, 'Asks for ', element('code', {}, key.name), '. ', prose(key.description))),
    trying(api, path, method, described),
    parameters(api, described.parameters),
    described.requestBody ? [element('h3', {}, 'Body'), content(api, described.requestBody)] : '',
    element('h3', {}, 'Answers'),
    element('table', {}, Object.entries(described.responses).map(([status, answer]) => element('tr', {},
      element('td', {}, element('code', {}, status)),
      element('td', {}, prose(answer.description),
        Object.entries(answer.headers ?? {}).map(([name, header]) =>
          element('p', {}, element('code', {}, name), ': ', prose(header.description))),
        content(api, answer))))));
}

/** A call, whose details are made when it is first opened. */
function operation(api, path, method, described) {
  const call = element('details', { id: described.operationId, className: 'call' },
    element('summary', {}, element('span', { className: `method ${method}` }, method), element('code', {}, path),
      element('span', { className: 'quiet' }, prose(described.summary))));
  call.addEventListener('toggle', () => call.append(details(api, path, method, described)), { once: true });
  return call;
}

function reference(api) {
  const all = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ path, method, described })));
  const groups = api.tags.map(tag => ({ ...tag, calls: all.filter(({ described }) => described.tags.includes(tag.name)) }));
  const problem = { $ref: '#/components/schemas/Problem' };
  return {
    contents: groups.map(({ name, calls }) => element('div', {}, element('strong', {}, name),
      calls.map(({ described }) => element('a', { href: `#${described.operationId}` }, described.operationId.replaceAll('_', ' '))))),
    calls: [paragraphs(api.info.description),
      groups.map(({ name, description, calls }) => element('section', {}, element('h2', {}, name),
        element('p', { className: 'quiet' }, prose(description)),
        calls.map(({ path, method, described }) => operation(api, path, method, described)))),
      element('section', {}, element('h2', {}, 'Problem'), fields(api, problem))],
  };
}

/** Shows the calls, and the groups with such calls, in whose heads all entered words are. */
function filter(words) {
  const has = text => words.every(word => text.toLowerCase().includes(word));
  for (const part of document.querySelectorAll('main section, nav > div')) {
    const calls = [...part.querySelectorAll('.call, a[href^="#"]')];
    for (const call of calls) {
      const id = call.id || call.hash.slice(1);
      call.hidden = !has(`${document.querySelector(`#${id} > summary`).textContent} ${id}`);
    }
    part.hidden = words.length > 0 && calls.every(call => call.hidden);
  }
}

/** Opens the call that the address names. */
function openNamed() {
  const chosen = document.getElementById(location.hash.slice(1));
  if (chosen?.tagName !== 'DETAILS') return;
  chosen.hidden = false;
  chosen.open = true;
  chosen.scrollIntoView();
  chosen.querySelector('summary').focus({ preventScroll: true });
}

async function show() {
  const place = document.getElementById('reference');
  try {
    const answer = await fetch('openapi.json');
    if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
    const api = await answer.json();
    const { contents, calls } = reference(api);
    document.getElementById('version').textContent = api.info.version;
    document.getElementById('contents').replaceChildren(...contents);
    place.replaceChildren(...calls.flat(Infinity));
    openNamed();
  } catch (error) {
    place.replaceChildren(`The document cannot be shown: ${error.message}`);
  }
}

const entered = document.getElementById('filter');
entered.oninput = () => filter(entered.value.toLowerCase().split(/\s+/).filter(Boolean));
addEventListener('hashchange', openNamed);
addEventListener('keydown', event => {
  if (event.key !== '/' || event.target.matches('input, textarea, select')) return;
  event.preventDefault();
  entered.focus();
});
show();
