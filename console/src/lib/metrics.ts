/** What /metrics says, as numbers over time. */

/** One line of the text format of OpenMetrics. */
interface Line {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export function parseMetrics(text: string): Line[] {
  const lines: Line[] = [];
  for (const row of text.split('\n')) {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(row);
    if (!found) continue;
    const [, name = '', inside = '', value = ''] = found;
    const labels: Record<string, string> = {};
    for (const [, key = '', text = ''] of inside.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
      labels[key] = text.replace(/\\(.)/g, '$1');
    }
    lines.push({ name, labels, value: Number(value) });
  }
  return lines;
}

/** What the charts are made of, at one moment. Counters count since the worker's start. */
export interface Sample {
  /** Seconds since 1970. */
  at: number;
  described: number;
  failed: number;
  working: number;
  queued: number;
  workingLimit: number;
  queuedLimit: number;
  memory: number;
  /** Photos answered within so many seconds, by the upper bound, in order. */
  answered: [number, number][];
}

/** Routes of which an answer is one photo. */
const PHOTO_ROUTES = ['/api/process', '/api/reprocess', '/api/identify'];

export function sampleOf(text: string, at: number): Sample {
  const sample: Sample = { at, described: 0, failed: 0, working: 0, queued: 0, workingLimit: 0, queuedLimit: 0, memory: 0, answered: [] };
  const answered = new Map<number, number>();
  for (const { name, labels, value } of parseMetrics(text)) {
    switch (name) {
      case 'ai_worker_photos_total':
        if (labels['outcome'] === 'described') sample.described += value;
        else sample.failed += value;
        break;
      case 'ai_worker_photos_working':
        sample.working = value;
        break;
      case 'ai_worker_photos_working_limit':
        sample.workingLimit = value;
        break;
      case 'ai_worker_photos_queued':
        sample.queued = value;
        break;
      case 'ai_worker_photos_queued_limit':
        sample.queuedLimit = value;
        break;
      case 'ai_worker_resident_memory_bytes':
        sample.memory = value;
        break;
      case 'ai_worker_request_duration_seconds_bucket':
        if (PHOTO_ROUTES.includes(labels['route'] ?? '') && labels['status'] === '200') {
          const bound = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
          answered.set(bound, (answered.get(bound) ?? 0) + value);
        }
        break;
    }
  }
  sample.answered = [...answered].sort(([a], [b]) => a - b);
  return sample;
}

/** The value that a share of those between two samples stayed below; null when there were none. */
export function quantile(share: number, from: Sample, to: Sample): number | null {
  const before = new Map(from.answered);
  const counts = to.answered.map(([bound, count]): [number, number] => [bound, count - (before.get(bound) ?? 0)]);
  const total = counts.at(-1)?.[1] ?? 0;
  if (total <= 0) return null;
  const wanted = share * total;
  let lower = 0;
  let below = 0;
  for (const [bound, count] of counts) {
    if (count >= wanted) {
      // Even within a bucket; of the last one only the lower bound is known.
      return bound === Infinity ? lower : lower + ((bound - lower) * (wanted - below)) / Math.max(1, count - below);
    }
    lower = bound;
    below = count;
  }
  return null;
}

/** How often something happened between two samples; null when the worker was started anew between them. */
export function rate(from: Sample | undefined, to: Sample, of: 'described' | 'failed'): number | null {
  if (!from || to[of] < from[of] || to.at <= from.at) return null;
  return (to[of] - from[of]) / (to.at - from.at);
}
