import type { ComponentChildren } from 'preact';
import './states.css';

/** What is shown where there is nothing, with what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <p class="state-title">{title}</p>
      {children}
    </div>
  );
}
