import { useLocation } from 'wouter-preact';
import { lock, mayDo, session } from '../api/session';
import { Button } from '../components/Button';
import { AutoIcon, KeyIcon, MoonIcon, SunIcon } from '../components/icons';
import { language, setLanguage, useWords } from '../i18n';
import { useStore } from '../lib/store';
import { setTheme, theme, type Theme } from '../lib/theme';
import { routes } from '../routes';

const NEXT: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };
const SIGN = { auto: AutoIcon, light: SunIcon, dark: MoonIcon };

export function TopBar() {
  const words = useWords();
  const { shell } = words;
  const { who } = useStore(session);
  const current = useStore(theme);
  const shown = useStore(language);
  const [location] = useLocation();
  const Sign = SIGN[current];
  const other = shown === 'en' ? 'id' : 'en';
  return (
    <header class="bar">
      <a class="brand" href="#/people">
        <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
          <path class="brand-frame" d="M3 8V5a2 2 0 0 1 2-2h3M16 3h3a2 2 0 0 1 2 2v3M21 16v3a2 2 0 0 1-2 2h-3M8 21H5a2 2 0 0 1-2-2v-3" />
          <circle class="brand-face" cx="12" cy="12" r="4.5" />
        </svg>
        {shell.product}
      </a>
      <nav class="nav" aria-label={shell.navigation}>
        {routes
          .filter((route) => route.key !== undefined && mayDo(who?.role, route.role))
          .map((route) => {
            const here = location === route.pattern || location.startsWith(`${route.pattern}/`);
            return (
              <a key={route.pattern} href={`#${route.pattern}`} aria-current={here ? 'page' : undefined}>
                {route.title(words)}
              </a>
            );
          })}
      </nav>
      <div class="tools">
        <Button kind="quiet" small label={`${shell.language}: ${other === 'id' ? 'Bahasa Indonesia' : 'English'}`} onClick={() => setLanguage(other)}>
          {other.toUpperCase()}
        </Button>
        <Button
          kind="quiet"
          small
          label={`${shell.theme}: ${shell.themes[current]}`}
          onClick={() => setTheme(NEXT[current])}
        >
          <Sign />
        </Button>
        {who && (
          <Button
            kind="quiet"
            small
            label={
              who.key_name === null
                ? `${shell.enterKey} (${shell.noKeyAsked})`
                : `${shell.changeKey} (${who.key_name}, ${shell.role[who.role]})`
            }
            onClick={lock}
          >
            <KeyIcon />
          </Button>
        )}
      </div>
    </header>
  );
}
