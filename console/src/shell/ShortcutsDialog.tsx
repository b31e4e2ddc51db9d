import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { Dialog } from '../components/Dialog';
import { useWords } from '../i18n';
import { shortcuts, useShortcuts, type Shortcut } from '../lib/shortcuts';
import { useStore } from '../lib/store';
import { routes } from '../routes';

/** How long after `g` the second key counts. */
const SECOND_KEY_MS = 1500;

const SHOWN: Record<string, string> = { ' ': '␣', Escape: 'Esc', ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓' };
const shown = (key: string) => SHOWN[key] ?? (key.length === 1 ? key.toUpperCase() : key);

/** The keys that work everywhere, and the list of all that work at the moment. */
export function ShortcutsDialog() {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const [, navigate] = useLocation();
  const leaderAt = useRef(0);
  const withKey = routes.flatMap((route) => (route.key === undefined ? [] : [{ key: route.key, route }]));
  useShortcuts([{ keys: ['?'], what: words.shell.shortcuts.show, run: () => setOpen(true) }]);
  useShortcuts([{ keys: ['g'], what: words.shell.navigation, run: () => (leaderAt.current = Date.now()) }]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (Date.now() - leaderAt.current > SECOND_KEY_MS) return;
      leaderAt.current = 0;
      const found = withKey.find((entry) => entry.key === event.key.toLowerCase());
      if (!found) return;
      // Caught before the view's own keys: the `p` of `g p` is not its `p`.
      event.preventDefault();
      event.stopPropagation();
      navigate(found.route.pattern);
    };
    document.addEventListener('keydown', onKey, { capture: true });
    return () => document.removeEventListener('keydown', onKey, { capture: true });
  }, []);
  const groups = useStore(shortcuts);
  if (!open) return null;
  const rows = groups.flat().filter((entry) => !entry.keys.includes('g'));
  return (
    <Dialog title={words.shell.shortcuts.title} onClose={() => setOpen(false)}>
      <dl class="shortcuts">
        {rows.map((entry: Shortcut) => (
          <div key={entry.what}>
            <dt>
              {entry.keys.map((key) => (
                <kbd key={key}>{shown(key)}</kbd>
              ))}
            </dt>
            <dd>{entry.what}</dd>
          </div>
        ))}
        {withKey.map(({ key, route }) => (
          <div key={route.pattern}>
            <dt>
              <kbd>G</kbd> <kbd>{key.toUpperCase()}</kbd>
            </dt>
            <dd>{words.shell.shortcuts.go(route.title(words))}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
