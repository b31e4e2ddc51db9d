import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import './drop.css';

interface Props {
  /** What to drop here. */
  title: string;
  /** On the button-like part. */
  choose: string;
  accept: string;
  /** Called for each of several files, where several may be given. */
  onFile(file: File): void;
  multiple?: boolean;
  /** Takes a picture from the clipboard wherever the page is pasted into. */
  paste?: boolean;
  children?: ComponentChildren;
  small?: boolean;
}

const isField = (target: EventTarget | null) => target instanceof HTMLElement && target.matches('input:not([type=file]), textarea');

/** A place to drop a file onto, or to choose one by mouse and keyboard. */
export function DropZone({ title, choose, accept, onFile, paste = false, multiple = false, children, small = false }: Props) {
  const input = useId();
  const [over, setOver] = useState(false);
  const take = useRef(onFile);
  take.current = onFile;
  useEffect(() => {
    if (!paste) return undefined;
    const onPaste = (event: ClipboardEvent) => {
      const file = event.clipboardData?.files[0];
      if (!file || isField(event.target)) return;
      event.preventDefault();
      take.current(file);
    };
    document.addEventListener('paste', onPaste);
    return () => document.removeEventListener('paste', onPaste);
  }, [paste]);
  const takeAll = (files: FileList | null) => [...(files ?? [])].slice(0, multiple ? undefined : 1).forEach(onFile);
  return (
    <div
      class={`drop${over ? ' drop-over' : ''}${small ? ' drop-small' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        takeAll(event.dataTransfer?.files ?? null);
      }}
    >
      <p class="drop-title">{title}</p>
      <label class="drop-choose" for={input}>
        {choose}
        <input
          id={input}
          class="visually-hidden"
          type="file"
          accept={accept}
          multiple={multiple}
          onChange={(event) => {
            takeAll(event.currentTarget.files);
            // The same file may be chosen again.
            event.currentTarget.value = '';
          }}
        />
      </label>
      {children}
    </div>
  );
}
