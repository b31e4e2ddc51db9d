import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import './button.css';

interface Props {
  children: ComponentChildren;
  onClick?: (event: MouseEvent) => void;
  /** `plain` is the default; one `primary` a view; `danger` for what cannot be taken back. */
  kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  small?: boolean;
  busy?: boolean;
  disabled?: boolean;
  type?: 'button' | 'submit';
  /** What it does, where its content is only a sign. */
  label?: string | undefined;
  pressed?: boolean | undefined;
  /** A key that does the same. */
  hint?: string | undefined;
  class?: string;
}

export function Button(props: Props) {
  const { kind = 'plain', small, busy = false, disabled = false, type = 'button' } = props;
  const attributes: ButtonHTMLAttributes = {
    type,
    class: `button button-${kind}${small ? ' button-small' : ''}${props.class ? ` ${props.class}` : ''}`,
    disabled: disabled || busy,
  };
  return (
    <button
      {...attributes}
      onClick={props.onClick}
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.pressed}
      aria-busy={busy || undefined}
    >
      {props.children}
      {props.hint && <kbd aria-hidden="true">{props.hint}</kbd>}
    </button>
  );
}
