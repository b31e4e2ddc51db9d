import type { ComponentChildren } from 'preact';
import { percent } from '../../i18n/format';
import './scores.css';

export interface Score {
  name: string;
  /** 0 to 1. */
  score: number;
  reason?: ComponentChildren;
}

/** Names with a bar as long as their score, and what spoke for them. */
export function Scores({ rows }: { rows: readonly Score[] }) {
  return (
    <ul class="scores">
      {rows.map((row) => (
        <li key={row.name}>
          <span class="scores-name">{row.name}</span>
          <span class="scores-bar" aria-hidden="true">
            <span style={{ width: `${Math.max(0, Math.min(1, row.score)) * 100}%` }} />
          </span>
          <span class="scores-value">{percent(row.score)}</span>
          {row.reason && <span class="scores-reason">{row.reason}</span>}
        </li>
      ))}
    </ul>
  );
}
