import { useEffect, useState } from 'preact/hooks';
import { Redirect, Route, Router, Switch } from 'wouter-preact';
import { useHashLocation } from 'wouter-preact/use-hash-location';
import { start } from './api/client';
import type { ApiProblem } from './api/problem';
import { lock, mayDo, session } from './api/session';
import { Button } from './components/Button';
import { Empty } from './components/Empty';
import { Loading } from './components/Loading';
import { Problem } from './components/Problem';
import { Toasts } from './components/Toast';
import { useWords } from './i18n';
import { fromSegment } from './lib/segments';
import { useStore } from './lib/store';
import { routes, type Route as ViewRoute } from './routes';
import { KeyDialog } from './shell/KeyDialog';
import { ShortcutsDialog } from './shell/ShortcutsDialog';
import { TopBar } from './shell/TopBar';

/** Whether no view has been shown yet. */
let first = true;

/** A view, or why the key may not see it. */
function Guarded({ route, params }: { route: ViewRoute; params: Record<string, string> }) {
  const words = useWords();
  const { who } = useStore(session);
  const title = route.title(words);
  useEffect(() => {
    document.title = `${title} · ${words.shell.product}`;
  }, [title, words]);
  useEffect(() => {
    // Where the address changes, so does what is read from the top; the first view leaves the focus where it is.
    window.scrollTo(0, 0);
    if (!first) document.getElementById('content')?.focus({ preventScroll: true });
    first = false;
  }, []);
  if (mayDo(who?.role, route.role)) {
    const View = route.view;
    const names = Object.entries(params).map(([name, segment]) => [name, fromSegment(segment)]);
    return <View params={Object.fromEntries(names)} />;
  }
  return (
    <Empty title={words.shell.noRight.title}>
      <p>{words.shell.noRight.why(words.shell.role[route.role])}</p>
      <Button onClick={lock}>{who?.key_name == null ? words.shell.enterKey : words.shell.otherKey}</Button>
    </Empty>
  );
}

function Views() {
  const { shell } = useWords();
  return (
    <Switch>
      {routes.map((route) => (
        <Route key={route.pattern} path={route.pattern}>
          {(params) => <Guarded key={JSON.stringify(params)} route={route} params={params as Record<string, string>} />}
        </Route>
      ))}
      <Route path="/">
        <Redirect to="/people" replace />
      </Route>
      <Route>
        <Empty title={shell.notFound}>
          <a href="#/people">{shell.toPeople}</a>
        </Empty>
      </Route>
    </Switch>
  );
}

export function App({ starting }: { starting: Promise<ApiProblem | null> }) {
  const { shell } = useWords();
  const { state, generation } = useStore(session);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  useEffect(() => {
    void starting.then(setProblem);
  }, [starting]);
  return (
    <Router hook={useHashLocation}>
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          // The address after # is the view's.
          event.preventDefault();
          document.getElementById('content')?.focus();
        }}
      >
        {shell.skip}
      </a>
      <TopBar />
      <main id="content" tabIndex={-1}>
        {state === 'starting' &&
          (problem ? (
            <Problem problem={problem} onRetry={() => void start().then(setProblem)} />
          ) : (
            <Loading />
          ))}
        {state === 'open' && <Views key={generation} />}
      </main>
      {state === 'locked' && <KeyDialog />}
      <ShortcutsDialog />
      <Toasts />
    </Router>
  );
}
