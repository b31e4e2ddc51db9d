import { useRef, useState } from 'preact/hooks';
import { text } from '../../api/client';
import { asProblem, type ApiProblem } from '../../api/problem';
import { Problem } from '../../components/Problem';
import { useWords } from '../../i18n';
import { fine, number } from '../../i18n/format';
import { quantile, rate, sampleOf, type Sample } from '../../lib/metrics';
import { useWhileVisible } from '../../lib/poll';
import { LineChart } from './LineChart';

const EVERY_MS = 3_000;
/** How much the charts show, in seconds, and over how much of it rates and quantiles are taken. */
const SPAN = 300;
const WINDOW = 30;
const MEBIBYTE = 1_048_576;

/** They outlive the view, so that who comes back sees what was before. */
const samples: Sample[] = [];

function keep(sample: Sample): void {
  samples.push(sample);
  while (samples[0] && samples[0].at < sample.at - SPAN - WINDOW) samples.shift();
}

/** The newest sample that is a window older than another one, else the oldest. */
function windowBefore(at: number): Sample | undefined {
  const end = samples[at];
  if (!end) return undefined;
  for (let other = at - 1; other > 0; other -= 1) {
    const sample = samples[other];
    if (sample && end.at - sample.at >= WINDOW) return sample;
  }
  return at > 0 ? samples[0] : undefined;
}

/** How the worker fares, of /metrics, which is asked for only while somebody looks. */
export function Charts() {
  const { health: t } = useWords();
  const [, setRound] = useState(0);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const asking = useRef(false);
  const read = async () => {
    if (asking.current) return;
    asking.current = true;
    try {
      keep(sampleOf(await text('/metrics'), Date.now() / 1000));
      setProblem(null);
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      asking.current = false;
      setRound((round) => round + 1);
    }
  };
  useWhileVisible(() => void read(), EVERY_MS);
  const times = samples.map((sample) => sample.at);
  const over = (value: (sample: Sample, before: Sample | undefined) => number | null) =>
    samples.map((sample, at) => value(sample, windowBefore(at)));
  const photos = over((sample, before) => rate(before, sample, 'described'));
  const failures = over((sample, before) => {
    const each = rate(before, sample, 'failed');
    return each === null ? null : each * 60;
  });
  const median = over((sample, before) => (before ? quantile(0.5, before, sample) : null));
  const slowest = over((sample, before) => (before ? quantile(0.99, before, sample) : null));
  const last = samples.at(-1);
  const ms = (seconds: number) => t.milliseconds(number(Math.round(seconds * 1000)));
  const memory = (bytes: number) => t.megabytes(number(Math.round(bytes / MEBIBYTE)));
  const latest = (values: readonly (number | null)[]) => values.at(-1) ?? null;
  const orNone = (value: number | null, show: (value: number) => string) => (value === null ? t.none : show(value));
  return (
    <section aria-label={t.charts.title}>
      <div class="section-head">
        <h2>{t.charts.title}</h2>
        <p class="muted small">{t.charts.about(SPAN / 60)}</p>
      </div>
      {problem && <Problem problem={problem} onRetry={() => void read()} />}
      <div class="charts">
        <LineChart
          title={t.charts.photos}
          now={orNone(latest(photos), fine)}
          times={times}
          span={SPAN}
          show={fine}
          series={[{ name: t.charts.described, style: 1, values: photos }]}
        />
        <LineChart
          title={t.charts.latency}
          now={orNone(latest(median), ms)}
          times={times}
          span={SPAN}
          show={ms}
          unit={0.001}
          series={[
            { name: t.charts.median, style: 1, values: median },
            { name: t.charts.slowest, style: 2, values: slowest },
          ]}
        />
        <LineChart
          title={t.charts.queue}
          now={last ? t.charts.ofLimit(number(last.working), number(last.workingLimit)) : t.none}
          times={times}
          span={SPAN}
          show={(value) => fine(value)}
          atLeast={last?.workingLimit ?? 1}
          series={[
            { name: t.charts.working, style: 1, values: samples.map((sample) => sample.working) },
            { name: t.charts.waiting, style: 2, values: samples.map((sample) => sample.queued) },
          ]}
        />
        <LineChart
          title={t.charts.failures}
          now={orNone(latest(failures), fine)}
          times={times}
          span={SPAN}
          show={fine}
          series={[{ name: t.charts.failed, style: 2, values: failures }]}
        />
        <LineChart
          title={t.charts.memory}
          now={last ? memory(last.memory) : t.none}
          times={times}
          span={SPAN}
          show={memory}
          unit={MEBIBYTE}
          series={[{ name: t.charts.resident, style: 1, values: samples.map((sample) => sample.memory) }]}
        />
      </div>
    </section>
  );
}
