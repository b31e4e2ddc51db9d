import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { useWords } from '../i18n';
import { Button } from './Button';
import { CloseIcon } from './icons';
import './dialog.css';

interface Props {
  title: string;
  children: ComponentChildren;
  /** Absent: it cannot be left without an answer. */
  onClose?: (() => void) | undefined;
  wide?: boolean;
}

/** A modal dialog. It is open as long as it is rendered; the browser keeps the focus in it and gives it back. */
export function Dialog({ title, children, onClose, wide = false }: Props) {
  const { shell } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={wide ? 'dialog dialog-wide' : 'dialog'}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClick={(event) => event.target === dialog.current && onClose?.()}
    >
      <div class="dialog-body">
        <h2 id={titleId} class="dialog-title">
          {title}
        </h2>
        {children}
        {/* Last, so that the focus begins with what the dialog is about. */}
        {onClose && (
          <span class="dialog-close">
            <Button kind="quiet" small label={shell.close} onClick={onClose}>
              <CloseIcon />
            </Button>
          </span>
        )}
      </div>
    </dialog>
  );
}

/** The buttons at the end of a dialog. */
export function DialogActions({ children }: { children: ComponentChildren }) {
  return <footer class="dialog-actions">{children}</footer>;
}
