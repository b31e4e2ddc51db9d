import './segments.css';

interface Props<V extends string> {
  label: string;
  value: V;
  options: readonly { value: V; text: string }[];
  onChange(value: NoInfer<V>): void;
}

/** One of a few. */
export function Segments<V extends string>({ label, value, options, onChange }: Props<V>) {
  return (
    <div class="segments" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.text}
        </button>
      ))}
    </div>
  );
}
